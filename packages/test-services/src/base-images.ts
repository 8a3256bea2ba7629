import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Fault, UserError } from '@slipway/kernel';
import type { Engine } from './engine.ts';
import { importImage } from './image.ts';
import type { ImageFile, ImageSpec } from './image-contents.ts';
import { findProgram, run } from './program.ts';

export interface BaseImages {
  /** Node 24, with a shell and a user `node` (1000), starting `node`. */
  node: string;
  /** nginx in the foreground on port 80, reading `/etc/nginx/conf.d/*.conf` and logging to the container's log. */
  nginx: string;
}

/** What the shell form of RUN, CMD and HEALTHCHECK and an inspection with `docker exec` need. */
const everyday = ['sh', 'cat', 'ls', 'env', 'mkdir', 'cp', 'rm', 'sleep'];

/** The images that the examples' Dockerfiles start from, made of this machine's programs. */
export async function baseImages(
  engine: Pick<Engine, 'env'>,
  say: (line: string) => void,
): Promise<BaseImages> {
  const images = { node: 'local/node:24', nginx: `local/nginx:${await nginxVersion()}` };
  await Promise.all([
    importImage(engine, images.node, nodeImage()),
    importImage(engine, images.nginx, nginxImage()),
  ]);
  say(`base images ${images.node} and ${images.nginx} are there`);
  return images;
}

function system(...accounts: [name: string, id: number][]): Record<string, ImageFile> {
  const users = accounts.map(([name, id]) => `${name}:x:${id}:${id}::/tmp:/bin/sh\n`);
  const groups = accounts.map(([name, id]) => `${name}:x:${id}:\n`);
  return {
    '/bin/sh': { from: '/bin/sh' },
    '/etc/passwd': { text: `root:x:0:0:root:/root:/bin/sh\n${users.join('')}` },
    '/etc/group': { text: `root:x:0:\n${groups.join('')}` },
    '/etc/nsswitch.conf': { text: 'passwd: files\ngroup: files\nhosts: files dns\n' },
  };
}

function nodeImage(): ImageSpec {
  return {
    programs: everyday,
    files: {
      ...system(['node', 1000]),
      '/usr/local/bin/node': { from: findNode24(), mode: 0o755 },
      '/etc/ssl/certs/ca-certificates.crt': { text: `${rootCertificates.join('\n')}\n` },
    },
    directories: ['/tmp', '/root', '/var/tmp'],
    config: {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      cmd: ['node'],
    },
  };
}

/** The Node that runs this, or the one that comes with the checkout. */
function findNode24(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/node');
  } catch (cause) {
    throw new UserError('no Node 24 found for the base image', {
      hint: `Run with Node 24, or install ${name}.`,
      cause,
    });
  }
}

async function nginxVersion(): Promise<string> {
  const program = findProgram('nginx');
  if (!program) throw new UserError('no nginx found', { hint: "Call provision(['nginx']) first." });
  const { stderr } = await run([program, '-v']);
  const version = /nginx\/(\d+\.\d+)/.exec(stderr)?.[1];
  if (!version) throw new Fault(`${program} does not report its version: ${stderr.trim()}`);
  return version;
}

const nginxSettings = `user nginx;
worker_processes auto;
error_log /dev/stderr notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                  '"$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
  access_log /dev/stdout main;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`;

const defaultSite = `server {
  listen 80;
  location / { root /usr/share/nginx/html; index index.html; }
}
`;

function nginxImage(): ImageSpec {
  return {
    programs: everyday,
    files: {
      ...system(['nginx', 101], ['nogroup', 65534]),
      '/usr/sbin/nginx': { from: findProgram('nginx') ?? '/usr/sbin/nginx', mode: 0o755 },
      '/etc/nginx/nginx.conf': { text: nginxSettings },
      '/etc/nginx/mime.types': { from: '/etc/nginx/mime.types' },
      '/etc/nginx/conf.d/default.conf': { text: defaultSite },
      '/usr/share/nginx/html/index.html': { text: '<h1>nginx</h1>\n' },
      // nginx opens its built-in log before it reads any configuration.
      '/var/log/nginx/access.log': { link: '/dev/stdout' },
      '/var/log/nginx/error.log': { link: '/dev/stderr' },
    },
    directories: ['/tmp', '/root', '/run', '/var/lib/nginx', '/var/cache/nginx'],
    config: {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      cmd: ['nginx', '-g', 'daemon off;'],
      exposed: [80],
    },
  };
}
