import * as z from 'zod';

/** How the steps reach other servers over HTTPS. */
export const networkSchema = () =>
  z
    .strictObject({
      ca: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Certificate authorities to trust in addition to the public ones: PEM text, or the path of a PEM file (relative to the root of the repository).',
        ),
    })
    .prefault({})
    .describe(
      'HTTPS requests of the steps. Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which may be in SLIPWAY_ENV.',
    );
