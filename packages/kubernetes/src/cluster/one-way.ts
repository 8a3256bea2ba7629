/** What the API server says of a change that an object accepts neither now nor later, in the words of 1.20 to 1.36. */
const words: readonly RegExp[] = [
  /\b(?:is|are) immutable\b/,
  /\bmay not change\b/,
  /\bmay not be changed\b/,
  /\bcannot change roleRef\b/,
  /\bcan ?not be changed\b/,
  /\bcan ?not be less than\b/,
  /\bupdates to .+ are forbidden\b/,
];

/** What was sent, which the API server quotes. */
const quoted = /"(?:[^"\\]|\\.)*"/g;

/**
 * Whether the object as it is live keeps the change out for good: an immutable field, a claim that would shrink. Anything
 * else that is invalid, such as a node port that is in use, can be removed. Pure.
 */
export function isOneWayChange(said: string): boolean {
  const own = said.replace(quoted, '""');
  return words.some((one) => one.test(own));
}
