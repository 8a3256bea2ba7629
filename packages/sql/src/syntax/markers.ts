/** Whether a text may contain a comment `-- slipway: …`. Most do not, and this check is quick. */
export function hasMarkers(sql: string): boolean {
  return /slipway:/i.test(sql);
}
