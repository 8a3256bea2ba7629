export type { CommandPrefix, ProgramName } from './catalogue.ts';
export {
  type FindOptions,
  type FoundProgram,
  findPgDump,
  findPlatformPrograms,
  findPrograms,
  type Needed,
} from './find.ts';
export type { Download } from './install.ts';
