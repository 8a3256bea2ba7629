import { expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '@slipway/config';

test('a variable that is not set is named, so that it can be waited for', () => {
  const text = `app: docsense\nservices: {backend: {image: registry.example.com/backend}}\nwatch: {for: "\${WATCH}", every: x, scrape: {urls: ["\${URL}/metrics"]}}\n`;
  const read = () =>
    loadConfig({
      file: 'slipway.yml',
      text,
      environment: 'production',
      env: { URL: 'https://a.example.com' },
      uses: ['watch'],
    });
  expect(read).toThrow(ConfigError);
  try {
    read();
  } catch (error) {
    expect((error as ConfigError).problems.map(({ unset }) => unset)).toEqual(['WATCH', undefined]);
  }
});
