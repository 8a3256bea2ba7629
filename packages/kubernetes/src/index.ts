export { kubernetes } from './platform.ts';
