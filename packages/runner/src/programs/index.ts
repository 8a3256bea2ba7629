export type { CommandPrefix } from './catalogue.ts';
export {
  type FindOptions,
  type FoundProgram,
  findPostgresProgram,
  findPrograms,
  programFinder,
} from './find.ts';
