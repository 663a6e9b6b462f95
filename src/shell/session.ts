/**
 * shell/session — what a program of the built-in shell is given: where it runs, its streams, and
 * time. The wire (kubectl exec), the command line and tests each bring streams of their own.
 */
import type { Branch } from '../datapath/walk/flow.ts';
import type { Millis } from '../sim/clock.ts';
import type { Twin } from '../twin/twin.ts';
import type { ImageAnswers } from './http/image-answers.ts';

/** Whose prompt it is. */
export type Machine =
  | { readonly kind: 'pod'; readonly podKey: string; readonly container: string }
  | { readonly kind: 'node'; readonly nodeName: string };

/** The streams of one run. Texts are UTF-8; a program that writes after `onHangUp` writes to nobody. */
export interface ShellStreams {
  readonly isTerminal: boolean;
  readonly columns: number;
  stdout(text: string): void;
  stderr(text: string): void;
  /** The next piece of standard input; undefined at its end. */
  read(): Promise<string | undefined>;
  /** Calls back when the client goes away; the run ends then. */
  onHangUp(callback: () => void): void;
  /** Calls back when Ctrl-C is typed at a terminal: the program in front ends with 130. */
  onInterrupt?(callback: () => void): void;
}

/** A packet that a program sent, and what became of it. */
export type SentFlow = Omit<Branch, 'probability' | 'choices' | 'remedy'> & {
  /** In the twin's time. */
  readonly atMs: Millis;
};

export interface ShellWorld {
  readonly twin: Twin;
  /** What runs here runs as long as it likes: a container's own program, not somebody's exec. */
  readonly isUnending?: boolean | undefined;
  /** Waits in the twin's time: what a timeout of 5 s waits. */
  sleep(forMs: Millis): Promise<void>;
  /** What images answer to HTTP requests, where somebody described it. */
  readonly answers?: ImageAnswers | undefined;
  /** Is told of every packet that starts a connection: for flow logs and policy logs. */
  readonly onTrace?: ((flow: SentFlow) => void) | undefined;
}
