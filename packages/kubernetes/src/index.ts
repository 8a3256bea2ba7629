export { kubernetesPlatform } from './driver.ts';
