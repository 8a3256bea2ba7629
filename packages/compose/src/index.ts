export { compose } from './driver.ts';
