export type { CommandPrefix, PostgresProgram, ProgramName } from './catalogue.ts';
export {
  type FindOptions,
  type FoundProgram,
  findPlatformPrograms,
  findPostgresProgram,
  findPrograms,
  type Needed,
} from './find.ts';
export type { Download } from './install.ts';
