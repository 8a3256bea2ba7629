export { type Clock, systemClock } from './clock.ts';
export { type DatabaseAddress, DatabaseUrl, type DatabaseUrlResult } from './database-url.ts';
export { type Duration, formatDuration, parseDuration } from './duration.ts';
export { Cancelled, describeError, type ErrorDetails, Fault, UserError } from './errors.ts';
export { createHttp, directHttp } from './http.ts';
export type { HttpOptions } from './http-connections.ts';
export { describeTransport, type TransportErrorKind } from './http-errors.ts';
export { proxyFor } from './http-proxy.ts';
export type { Http, HttpAnswer, HttpDownload, HttpFailure, HttpReply, HttpRequest } from './http-types.ts';
export {
  formatImage,
  type ImageReference,
  type PinnedImage,
  parseImage,
  readImage,
  withDigest,
} from './image.ts';
export type { Annotation, Log } from './log.ts';
export { exitCode, type Outcome, outcomes } from './outcome.ts';
export { OutsideLines } from './outside-lines.ts';
export { indented, OutsideText } from './outside-text.ts';
export { plainText } from './plain-text.ts';
export { type PollOptions, type PollResult, type PollStep, poll } from './poll.ts';
export type { ChildExit } from './process/child.ts';
export { type Command, createExec, type Exec, type ExecOptions } from './process/exec.ts';
export { type CommandResult, describeExit, expectSuccess, lastLine, lastLines } from './process/result.ts';
export { ProgramFailure, readFrom, type StreamedCommand, writeTo } from './process/streams.ts';
export { Redactor } from './redact.ts';
export {
  type AttemptResult,
  type FailureClass,
  type RetryOptions,
  type RetryPolicy,
  type RetryResult,
  retry,
} from './retry.ts';
export { failureClass, parseRetryAfter, replyAttempt } from './retry-http.ts';
export { parseVersion, type Version } from './version.ts';
