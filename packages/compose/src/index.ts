export { composePlatform } from './driver.ts';
