/** Settings that all servers of one Swift share. The hashes only have to be there. */
export const swiftConfig = `[swift-hash]
swift_hash_path_suffix = slipway
swift_hash_path_prefix = slipway
[storage-policy:0]
name = one
default = yes
`;

export interface ServerSettings {
  folder: string;
  port: number;
  /** Of the proxy's one login. */
  secret?: string;
}

/** The configuration of one server, as docs.openstack.org/swift/latest/deployment_guide.html has it. Pure. */
export function serverConfig(server: string, settings: ServerSettings): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${settings.port}
workers = 0
swift_dir = ${settings.folder}
devices = ${settings.folder}/devices
mount_check = false
log_level = WARNING
${server === 'proxy' ? proxy(settings.secret ?? '') : storage(server)}`;
}

function storage(server: string): string {
  return `[pipeline:main]
pipeline = ${server}-server
[app:${server}-server]
use = egg:swift#${server}
`;
}

/** The login needs a cache to be configured, and does without one that answers. */
function proxy(secret: string): string {
  return `[pipeline:main]
pipeline = catch_errors cache s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_backup = ${secret} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
`;
}
