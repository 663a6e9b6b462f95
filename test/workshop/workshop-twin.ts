/**
 * test/workshop/workshop-twin — the twin that pages are run against: `ekstwin up` with the
 * workshop's cluster and base application, a home folder as the workshop's reader has it, and
 * programs that stand in for tools which would leave this machine.
 */
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EKSTWIN } from '../ekstwin-command.ts';
import { ServedTwin } from '../served-twin.ts';

export interface WorkshopFiles {
  /** Holds `base-application` and `modules`. */
  readonly manifests: string;
  /** Inputs of `ekstwin up`: the cluster. */
  readonly cluster: string;
  /** What the workshop's images answer. */
  readonly answers: string;
}

/** What a page's own installers are told; no chart is looked at. */
const STAND_INS = {
  INBOUND_CIDRS: '0.0.0.0/0',
} as const;
const RENDERED = 'rendered/base-application.yaml';

export class WorkshopTwin {
  readonly #files: WorkshopFiles;
  readonly #served = new ServedTwin(EKSTWIN);
  readonly #home = this.#served.folder;

  constructor(files: WorkshopFiles) {
    this.#files = files;
    mkdirSync(join(this.#home, 'environment'));
    symlinkSync(resolve(files.manifests), join(this.#home, 'environment', 'eks-workshop'));
    this.#writePrograms();
  }

  /** Where a stand-in program writes why a command was not run. */
  get skippedFile(): string {
    return join(this.#home, 'skipped');
  }

  get isUp(): boolean {
    return this.#served.isUp;
  }

  /** The environment of a page's shell, before `ekstwin env`. */
  get env(): Record<string, string> {
    return {
      ...this.#served.env,
      HOME: this.#home,
      EKSTWIN_SKIPPED: this.skippedFile,
      EKSTWIN_MAIN: EKSTWIN,
      EKSTWIN_HELM: join(import.meta.dirname, 'helm.ts'),
      // Its address: pages work in folders from which no package resolves.
      EKSTWIN_TSX: import.meta.resolve('tsx'),
      NODE_PATH_OF_TESTS: process.execPath,
      ...STAND_INS,
    };
  }

  /** ~/environment/eks-workshop. */
  get manifests(): string {
    return this.#files.manifests;
  }

  /** What a page's shell reads first. */
  get preamble(): string {
    return [
      `eval "$('${process.execPath}' '${EKSTWIN}' env)"`,
      `export PATH='${join(this.#home, 'programs')}':"$PATH"`,
      `export EKS_CLUSTER_NAME=$(aws eks list-clusters --query 'clusters[0]' --output text)`,
      'export AWS_PAGER=',
      '',
    ].join('\n');
  }

  /** A new twin with the base application, whatever there was before. */
  async fresh(): Promise<void> {
    await this.stop();
    const { cluster, answers } = this.#files;
    await this.#served.start([
      '-f',
      cluster,
      '--data',
      'memory',
      '--speed',
      'max',
      '--answers',
      answers,
    ]);
    this.#applyBase();
  }

  stop(): Promise<void> {
    return this.#served.stop();
  }

  dispose(): Promise<void> {
    return this.#served.dispose();
  }

  /** As the workshop applies it; as it was rendered where this kubectl cannot read the folder. */
  #applyBase(): void {
    const { manifests } = this.#files;
    const rendered = join(manifests, '..', RENDERED);
    const ways = [['-k', join(manifests, 'base-application')]];
    if (existsSync(rendered)) ways.push(['-f', rendered]);
    let problem = '';
    for (const way of ways) {
      const applied = this.#served.ekstwin('kubectl', 'apply', ...way);
      if (applied.status === 0) {
        this.#served.ekstwin(
          'kubectl',
          'wait',
          '--for=condition=available',
          'deployment',
          '--all',
          '-A',
          '--timeout=60s',
        );
        return;
      }
      problem ||= applied.stderr;
    }
    throw new Error(`the base application could not be applied:\n${problem}`);
  }

  /** Programs that pages call and that must not leave this machine. */
  #writePrograms(): void {
    const folder = join(this.#home, 'programs');
    mkdirSync(folder);
    const write = (name: string, text: string): void => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    write('ekstwin', 'exec "$NODE_PATH_OF_TESTS" "$EKSTWIN_MAIN" "$@"');
    write('helm', 'exec "$NODE_PATH_OF_TESTS" --import "$EKSTWIN_TSX" "$EKSTWIN_HELM" "$@"');
    // The twin is fresh already: see page-run.
    write('prepare-environment', 'exit 0');
    for (const name of ['terraform', 'eksctl'])
      write(name, `echo "${name} is not run" >>"$EKSTWIN_SKIPPED"`);
  }
}
