export type { CommandPrefix, PostgresProgram, ProgramName } from './catalogue.ts';
export {
  type FindOptions,
  type FoundProgram,
  findPostgresProgram,
  findPrograms,
  type Needed,
  programFinder,
} from './find.ts';
export type { Download } from './install.ts';
