/** shell/script/syntax — what a script is once it is read: lists, pipelines, commands, words. */

/** A part of a word; what is quoted is neither split nor a pattern. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly isQuoted: boolean;
      /** `:-`, `-`, `:=`, `=`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `length`, `/`, `//`. */
      readonly operator?: string | undefined;
      readonly operand?: Word | undefined;
      /** Of `/` and `//`. */
      readonly replacement?: Word | undefined;
    }
  | { readonly kind: 'command'; readonly script: List; readonly isQuoted: boolean }
  | { readonly kind: 'arithmetic'; readonly expression: Word; readonly isQuoted: boolean };

export type Word = readonly WordPart[];

export interface Redirection {
  readonly descriptor: number;
  readonly operator: '<' | '>' | '>>' | '>&' | '<<' | '<<<' | '&>' | '&>>';
  readonly target: Word;
}

export type Command =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly { readonly name: string; readonly value: Word }[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | { readonly kind: 'group'; readonly body: List; readonly redirections: readonly Redirection[] }
  | {
      readonly kind: 'subshell';
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly condition: List; readonly body: List }[];
      readonly otherwise?: List | undefined;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'loop';
      readonly isUntil: boolean;
      readonly condition: List;
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'for';
      readonly name: string;
      /** undefined: the positional parameters. */
      readonly words?: readonly Word[] | undefined;
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly kind: 'case';
      readonly subject: Word;
      readonly clauses: readonly { readonly patterns: readonly Word[]; readonly body: List }[];
      readonly redirections: readonly Redirection[];
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: Command };

export interface Pipeline {
  readonly isNegated: boolean;
  readonly commands: readonly Command[];
}

export interface Item {
  readonly pipeline: Pipeline;
  /** What joins it to the one before. */
  readonly after: ';' | '&&' | '||';
  /** `&`: a job in the background. */
  readonly isBackground?: boolean | undefined;
}

export type List = readonly Item[];

/** What is wrong with a script, in the shell's words. */
export class ScriptError extends Error {
  /** The text ends too early: an interactive shell asks for more. */
  readonly isUnfinished: boolean;

  constructor(message: string, isUnfinished = false) {
    super(message);
    this.isUnfinished = isUnfinished;
  }
}
