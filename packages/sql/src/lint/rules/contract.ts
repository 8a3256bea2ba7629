/** When what breaks the running version may be done, as the end of a remedy. */
export const later =
  'in a separate release, once no running program needs it, in a file with "-- slipway: contract"';
