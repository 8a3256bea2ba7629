import * as z from 'zod';
import { duration, httpUrl, whole } from './scalars.ts';

const units = { MB: 1e6, GB: 1e9, TB: 1e12 };
const sizeWords = 'a size such as 500MB, 10GB or 1.5TB';

/** `10GB`, read into bytes. Decimal, as disks are sold. */
const size = () =>
  z
    .string(sizeWords)
    .regex(/^\d+(\.\d+)? ?(MB|GB|TB)$/, sizeWords)
    .transform((text) => Number.parseFloat(text) * units[text.slice(-2) as keyof typeof units]);

/** A command line. It is run as it is, without a shell. */
const argv = () => z.array(z.string()).min(1);

const keyWords = 'a key of 32 bytes in base64 or hexadecimal, from ${NAME}';

/** 32 bytes as text; what it says is never repeated in a message. */
const key = () =>
  z
    .string(keyWords)
    .regex(/^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=?)$/, keyWords)
    .describe('Encrypts the dump by AES-256-GCM: 32 bytes in base64 or hexadecimal, such as ${BACKUP_KEY}.');

/** Where the backup goes, how it is made, and what proves it. */
export const backupSchema = () =>
  z
    .strictObject({
      to: z
        .string()
        .min(1)
        .default('./backups')
        .describe(
          'Folder, s3://bucket/prefix (any S3-compatible service), gs://bucket/prefix or azblob://account/container/prefix.',
        ),
      endpoint: httpUrl.optional().describe('Address of an S3-compatible service; AWS without it.'),
      region: z
        .string()
        .min(1)
        .optional()
        .describe('Region of the S3 bucket. Default: AWS_REGION, else us-east-1.'),
      command: argv()
        .optional()
        .describe(
          'Instead of "to": a program that stores its stdin. {name} stands for the name of the object.',
        ),
      'read-command': argv()
        .optional()
        .describe('The program that writes the object {name} to its stdout, for the proof.'),
      'list-command': argv()
        .optional()
        .describe(
          'The program that prints the names of all objects, one a line; without it the latest backup cannot be found.',
        ),
      'delete-command': argv()
        .optional()
        .describe('The program that deletes the object {name}; without it every backup stays.'),
      mode: z
        .enum(['dump', 'restore-point', 'snapshot-command'])
        .default('dump')
        .describe(
          'dump: pg_dump. restore-point: a named point in the WAL archive of the server. snapshot-command: what the platform offers.',
        ),
      'snapshot-command': argv()
        .optional()
        .describe('Makes a snapshot and exits 0 when it is complete; {name} stands for a name.'),
      limit: size().prefault('10GB').describe('A larger database is not dumped; see mode.'),
      prove: z
        .enum(['restore', 'decode', 'checksum'])
        .default('decode')
        .describe(
          'restore: into a scratch database, rows counted. decode: every byte read back and decoded. checksum: read back and compared.',
        ),
      'scratch-url': z
        .string()
        .min(1)
        .optional()
        .describe(
          'PostgreSQL of the same major version to restore to for the proof. Default: the server itself.',
        ),
      encrypt: key().optional(),
      keep: z
        .strictObject({ last: whole.prefault(5), days: whole.prefault(30) })
        .prefault({})
        .describe(
          'Backups among the newest so many, or younger than so many days, are kept; the last proven one always.',
        ),
      'archive-timeout': duration
        .prefault('2m')
        .describe('How long the server may take to archive a restore point.'),
    })
    .refine((backup) => !backup.command || backup['read-command'], {
      path: ['read-command'],
      message: 'a command that reads the backup back, since one that cannot be read proves nothing',
    })
    .refine((backup) => !backup['delete-command'] || backup['list-command'], {
      path: ['list-command'],
      message: 'a command that lists the backups, since what is to go is found there',
    })
    .refine((backup) => backup.mode !== 'snapshot-command' || backup['snapshot-command'], {
      path: ['snapshot-command'],
      message: 'the command line that makes the snapshot',
    });

export type BackupConfig = z.output<ReturnType<typeof backupSchema>>;
