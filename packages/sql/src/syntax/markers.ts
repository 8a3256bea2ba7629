/** Whether a text may hold one of our comments, `-- slipway: …`. Most hold none, and finding that out is quick. */
export function hasMarkers(sql: string): boolean {
  return /slipway:/i.test(sql);
}
