/** Programs that are built from one Go module. */
export interface GoModule {
  title: string;
  path: string;
  /** As it is tagged, without the `v`. */
  version: string;
  /** What to build, below the path of the module. */
  commands: string[];
  /** The name of the program, when that of its folder will not do. */
  program?: string;
  flags: string[];
  /** Where modules lie inside this one's repository that are also published on their own: the version of those. */
  staging?: string;
}

/** The oldest Go that builds all of them. */
export const goVersion = '1.26.8';

const kubernetesVersion = '1.36.3';
const [major = '', minor = ''] = kubernetesVersion.split('.');
const versionPackage = 'k8s.io/component-base/version';

export const modules: GoModule[] = [
  {
    title: 'etcd',
    path: 'go.etcd.io/etcd/server/v3',
    version: '3.6.16',
    commands: [''],
    program: 'etcd',
    flags: ['-ldflags', '-s -w'],
  },
  {
    title: 'containerd',
    path: 'github.com/containerd/containerd/v2',
    version: '2.3.7',
    commands: ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => `/cmd/${name}`),
    flags: [
      ...['-tags', 'no_btrfs no_zfs no_devmapper'],
      ...['-ldflags', '-s -w -X github.com/containerd/containerd/v2/version.Version=v2.3.7'],
    ],
  },
  {
    title: 'Kubernetes',
    path: 'k8s.io/kubernetes',
    version: kubernetesVersion,
    commands: [
      ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
    ].map((name) => `/cmd/${name}`),
    flags: [
      '-ldflags',
      [
        `-s -w -X ${versionPackage}.gitVersion=v${kubernetesVersion} -X ${versionPackage}.gitTreeState=clean`,
        `-X ${versionPackage}.gitMajor=${major} -X ${versionPackage}.gitMinor=${minor}`,
      ].join(' '),
    ],
    staging: `0.${minor}.${kubernetesVersion.split('.')[2]}`,
  },
];
