/**
 * GitHub cancels a step by SIGINT, 7.5 s later by SIGTERM, 2.5 s later by force. Both become one AbortSignal, which
 * every poll and every child process honours.
 */
export function cancellation(): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', abort);
      process.off('SIGTERM', abort);
    },
  };
}
