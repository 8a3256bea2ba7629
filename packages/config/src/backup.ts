import * as z from 'zod';
import { duration, httpUrl, whole } from './scalars.ts';

const units = { MB: 1e6, GB: 1e9, TB: 1e12 };
const sizeWords = 'a size such as 500MB, 10GB or 1.5TB';

/** `10GB`, read into bytes. Decimal, as disks are sold. */
const size = () =>
  z
    .string(sizeWords)
    .regex(/^\d+(\.\d+)? ?(MB|GB|TB)$/, sizeWords)
    .transform((text) => Number.parseFloat(text) * units[text.slice(-2) as keyof typeof units])
    .meta({ title: 'size' });

/** A command line. It is run without a shell. */
const argv = () => z.array(z.string()).min(1);

const recipientWords = 'an age public key (age1…)';

/** Only keys that `age` has without a plugin: Slipway adds a key of the run, and age refuses to mix other kinds with it. */
const recipient = () =>
  z
    .string(recipientWords)
    .regex(/^age1[02-9ac-hj-np-z]{58}$/, recipientWords)
    .meta({ examples: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'] });

const identityWords = 'an age secret key (AGE-SECRET-KEY-1…), from ${NAME}';

/** The key, or the whole file that `age-keygen` writes. It is never repeated in a message. */
const identity = () =>
  z
    .string(identityWords)
    .regex(/^(?:\s*#.*\n)*\s*AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\s*$/, identityWords)
    .transform((text) => text.trim().split('\n').at(-1)?.trim() ?? '')
    .meta({ examples: ['${BACKUP_IDENTITY}'] });

const encryptionSchema = () =>
  z
    .strictObject(
      {
        recipients: z
          .array(recipient())
          .min(1)
          .optional()
          .describe(
            'Public keys, each of whose owners can decrypt. Without "identity", this run can write backups and cannot decrypt them.',
          ),
        identity: identity()
          .optional()
          .describe(
            'Secret key that decrypts a backup to restore it. Backups are encrypted to it as well. Required by mode: restore.',
          ),
      },
      'recipients, an identity, or both',
    )
    .refine((keys) => keys.recipients || keys.identity, 'recipients, an identity, or both')
    .describe(
      'Encrypts the dump with age (age-encryption.org); `age -d` decrypts it. `age-keygen` creates a key pair.',
    );

const commandKeys = () => ({
  command: argv()
    .optional()
    .describe(
      'Program that stores what it reads from standard input, in place of "to". {name} is the name of the object.',
    )
    .meta({ examples: [['rclone', 'rcat', 'remote:backups/{name}']] }),
  'read-command': argv()
    .optional()
    .describe('Program that writes the object {name} to standard output. Required with "command".')
    .meta({ examples: [['rclone', 'cat', 'remote:backups/{name}']] }),
  'list-command': argv()
    .optional()
    .describe(
      'Program that prints the names of all objects, one per line. Without it, the latest backup cannot be found.',
    )
    .meta({ examples: [['rclone', 'lsf', 'remote:backups']] }),
  'delete-command': argv()
    .optional()
    .describe('Program that deletes the object {name}. Without it, no backup is ever deleted.')
    .meta({ examples: [['rclone', 'deletefile', 'remote:backups/{name}']] }),
});

const retentionSchema = () =>
  z
    .strictObject({
      last: whole.prefault(5).describe('Number of the newest backups to retain.'),
      days: whole.prefault(30).describe('Days for which backups are retained.'),
    })
    .prefault({})
    .describe(
      'Retention. A backup is deleted only when neither rule retains it, and never when it is the newest one that was proven by a restore.',
    );

/** Where the backup goes, how it is made, and what proves it. */
export const backupSchema = () =>
  z
    .strictObject({
      to: z
        .string()
        .min(1)
        .default('./backups')
        .describe(
          'Where backups are stored: a folder, s3://bucket/prefix (any S3-compatible service), gs://bucket/prefix or azblob://account/container/prefix.',
        )
        .meta({ examples: ['s3://backups/docsense'] }),
      endpoint: httpUrl
        .optional()
        .describe('Address of an S3-compatible service. Default: AWS.')
        .meta({ examples: ['https://minio.example.com'] }),
      region: z
        .string()
        .min(1)
        .optional()
        .describe('Region of the S3 bucket. Default: AWS_REGION, else us-east-1.'),
      ...commandKeys(),
      mode: z
        .enum(['dump', 'restore-point', 'snapshot-command'])
        .default('dump')
        .describe(
          'dump: run pg_dump. restore-point: create a named restore point and wait until its WAL is archived. snapshot-command: run your own program.',
        ),
      'snapshot-command': argv()
        .optional()
        .describe(
          'Program that creates a snapshot and exits 0 when it is complete. {name} is the name to give it. Required with mode: snapshot-command.',
        )
        .meta({ examples: [['./snapshot.sh', '{name}']] }),
      limit: size().prefault('10GB').describe('Largest database that is dumped. A larger one is refused.'),
      prove: z
        .enum(['restore', 'decode', 'checksum'])
        .default('decode')
        .describe(
          'How the backup is proven. checksum: read back and compared. decode: also decoded by pg_restore. restore: also restored into a scratch database and its rows counted; the pending migrations are rehearsed there.',
        ),
      'scratch-url': z
        .string()
        .min(1)
        .optional()
        .describe(
          'PostgreSQL server of the same major version for the scratch database. Default: the server of the database itself.',
        )
        .meta({ examples: ['${SCRATCH_URL}'] }),
      encrypt: encryptionSchema().optional(),
      keep: retentionSchema(),
      'archive-timeout': duration.prefault('2m').describe('Time for the server to archive a restore point.'),
    })
    .refine((backup) => !backup.command || backup['read-command'], {
      path: ['read-command'],
      message: 'a command that reads a backup back, because a backup that cannot be read cannot be proven',
    })
    .refine((backup) => !backup['delete-command'] || backup['list-command'], {
      path: ['list-command'],
      message: 'a command that lists the backups, because delete-command needs to find the expired ones',
    })
    .refine((backup) => backup.mode !== 'snapshot-command' || backup['snapshot-command'], {
      path: ['snapshot-command'],
      message: 'the command line that creates the snapshot',
    })
    .describe('The backup that is made before the first migration runs.');
