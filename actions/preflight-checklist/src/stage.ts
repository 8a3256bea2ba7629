/**
 * When the checklist runs. In a release that people approve it runs twice: `before-approval`, without the secrets of the
 * environment, and `after-approval`, with them, for what needs them and what may have changed since.
 */
export const stages = ['all', 'before-approval', 'after-approval'] as const;

export type Stage = (typeof stages)[number];
