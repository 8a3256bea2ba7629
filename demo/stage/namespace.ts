import { execOrThrow } from '@slipway/test-services';

/** Runs kubectl in one namespace. @returns what it printed. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

export function inNamespace(kubeconfig: string, namespace: string): Kubectl {
  return async (args, input) => {
    const argv = [`--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, ...args];
    const options = input === undefined ? {} : { input };
    return (await execOrThrow(`run kubectl ${args[0]}`, ['kubectl', ...argv], options)).trimEnd();
  };
}

/** The kubeconfig as a secret holds it: in base64, and with the contents of the files that it names. */
export async function flatKubeconfig(kubeconfig: string): Promise<string> {
  const argv = [`--kubeconfig=${kubeconfig}`, 'config', 'view', '--raw', '--flatten', '--minify'];
  const text = await execOrThrow('read the kubeconfig', ['kubectl', ...argv]);
  return Buffer.from(text).toString('base64');
}
