import { execa } from 'execa';

/** Runs kubectl in one namespace. @returns what it printed. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

export function inNamespace(kubeconfig: string, namespace: string): Kubectl {
  return async (args, input) => {
    const argv = [`--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, ...args];
    return (await execa('kubectl', argv, input === undefined ? { stdin: 'ignore' } : { input })).stdout;
  };
}

/** The kubeconfig as a secret holds it: in base64, and with the contents of the files that it names. */
export async function flatKubeconfig(kubeconfig: string): Promise<string> {
  const argv = [`--kubeconfig=${kubeconfig}`, 'config', 'view', '--raw', '--flatten', '--minify'];
  const { stdout } = await execa('kubectl', argv);
  return Buffer.from(stdout).toString('base64');
}
