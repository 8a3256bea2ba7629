import { parseDuration } from '@slipway/kernel';
import * as z from 'zod';

const durationWords = 'a duration such as 90s, 30m or 1h30m';
const percentageWords = 'a percentage above 0% and below 100%, such as 1% or 0.5%';
const wholeWords = 'a whole number';

/** `90s`, `30m`, `1h30m` or `500ms`, read into milliseconds. The titles of these scalars name their type in the reference. */
export const duration = z
  .string(durationWords)
  .regex(/^(?=\d)(\d+h)?(\d+m(?!s))?(\d+s)?(\d+ms)?$/, durationWords)
  .transform((text) => parseDuration(text))
  .meta({ title: 'duration' });

/** `1%`, `0.5%`, read into a fraction between 0 and 1 (both excluded). */
export const percentage = z
  .string(percentageWords)
  .regex(/^(?!0+(\.0+)?%)\d{1,2}(\.\d+)?%$/, percentageWords)
  .transform((text) => Number(text.slice(0, -1)) / 100)
  .meta({ title: 'percentage' });

/** A whole number, also as text, so that it can come from `${NAME}`. */
export const whole = z
  .union([z.int(wholeWords).min(0), z.string(wholeWords).regex(/^\d+$/, wholeWords).transform(Number)])
  .meta({ title: 'integer' });

/** A key of `services` or the name of the app: text that container labels, volumes and tags accept. */
export const slug = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'lower-case letters, digits, "-" and "_", starting with a letter or digit',
  )
  .meta({ title: 'name' });

/** A path relative to the root of the repository, which it must not leave. */
export const repositoryPath = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'a path inside the repository')
  .meta({ title: 'path' });

export const httpUrl = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'an http:// or https:// URL')
  .meta({ title: 'URL' });

/** JSONPaths (RFC 9535) and the value that each must have. */
export const jsonAssertions = z
  .record(
    z.string().regex(/^\$/, 'a JSONPath that starts with $'),
    z.union([z.string(), z.number(), z.boolean(), z.null()]),
  )
  .meta({ title: 'mapping of JSONPath to value' });
