export { openPlatform, targetFiles } from './open.ts';
