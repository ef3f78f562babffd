// Reads the `WWW-Authenticate` header (RFC 9110, section 11.6.1): one or several challenges with their parameters.

export interface Challenge {
  /** Lower case: `basic`, `digest`. */
  scheme: string;
  /** Names in lower case. */
  parameters: ReadonlyMap<string, string>;
}

// name = token or quoted string
const PARAMETER = /^[\s,]*([^\s,="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/;
// A scheme is a word that no equals sign follows.
const SCHEME = /^[\s,]*([A-Za-z][\w-]*)(?=\s|,|$)(?!\s*=)/;

export function readChallenges(header: string | undefined): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let rest = header ?? '';
  for (;;) {
    const scheme = SCHEME.exec(rest);
    const parameter = scheme === null ? PARAMETER.exec(rest) : null;
    if (scheme !== null) challenges.push({ scheme: scheme[1].toLowerCase(), parameters: new Map() });
    else if (parameter !== null) remember(challenges.at(-1)?.parameters, parameter);
    else return challenges;
    rest = rest.slice((scheme ?? parameter)?.[0].length);
  }
}

function remember(
  parameters: Map<string, string> | undefined,
  [, name, quoted, bare]: RegExpExecArray,
): void {
  parameters?.set(name.toLowerCase(), quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'));
}
