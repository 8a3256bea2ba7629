/** When what breaks the version that is running may be done, as the end of a remedy. */
export const later =
  'in a release of its own, when no program that runs needs it any more, in a file with "-- slipway: contract"';
