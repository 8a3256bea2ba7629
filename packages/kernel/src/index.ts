export { type Clock, systemClock } from './clock.ts';
export { type DatabaseAddress, DatabaseUrl } from './database-url.ts';
export { type Duration, formatDuration, parseDuration } from './duration.ts';
export { Cancelled, describeError, type ErrorDetails, Fault, UserError } from './errors.ts';
export { createHttp, directHttp } from './http.ts';
export type { HttpOptions } from './http-connections.ts';
export { describeTransport } from './http-errors.ts';
export { proxyFor } from './http-proxy.ts';
export type { Http, HttpAnswer, HttpDownload, HttpReply, HttpRequest } from './http-types.ts';
export {
  formatImage,
  type ImageReference,
  type PinnedImage,
  parseImage,
  readImage,
  withDigest,
} from './image.ts';
export type { Log } from './log.ts';
export { exitCode, type Outcome, outcomes } from './outcome.ts';
export { OutsideLines } from './outside-lines.ts';
export { indented, OutsideText } from './outside-text.ts';
export { plainText } from './plain-text.ts';
export { type PollOptions, type PollStep, poll } from './poll.ts';

export { type Command, createExec, type Exec } from './process/exec.ts';
export { type CommandResult, describeExit, expectSuccess, lastLine, lastLines } from './process/result.ts';
export { ProgramFailure, readFrom, writeTo } from './process/streams.ts';
export { Redactor } from './redact.ts';
export {
  type AttemptResult,
  type FailureClass,
  type RetryOptions,
  type RetryPolicy,
  retry,
} from './retry.ts';
export { failureClass, parseRetryAfter, replyAttempt } from './retry-http.ts';
export { parseVersion, tagsOfVersion } from './version.ts';
