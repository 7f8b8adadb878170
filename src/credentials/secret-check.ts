import type { Problem } from "../errors.ts";
import type { SecretDocument } from "./secret.ts";
import { passwordProblem } from "./password-problem.ts";
import { parseVerifier, verifierMatches } from "./scram.ts";
import { anotherPassword } from "./way-out.ts";
import type { SecretWish } from "./wish.ts";

/**
 * What is wrong with a Secret that exists, for what it is wished for. No value of it gets into a message. `isHeld`
 * where PostgreSQL, Patroni or the poolers have its password already.
 */
export function secretProblems(wish: SecretWish, secret: SecretDocument, isHeld = false): readonly Problem[] {
  const problem = (key: string, message: string, wayOut: string): Problem => ({
    resource: `Secret/${secret.name}`,
    path: key === "" ? "" : `data.${key}`,
    message,
    wayOut,
  });
  if (!usableTypes.has(secret.type)) {
    return [
      problem(
        "",
        `is of type ${secret.type}, and the ${wish.title} needs a user name and a password`,
        "make it anew as kubernetes.io/basic-auth, with the same password (the type of a Secret that exists " +
          "cannot change), or name another Secret",
      ),
    ];
  }
  const { username, password, verifier, uri } = secret.data;
  const problems: Problem[] = [];
  if (username !== undefined && username.reveal() !== wish.username) {
    problems.push(
      problem(
        "username",
        `is not "${wish.username}", the name of the ${wish.title}`,
        `write ${wish.username}, or leave username out: pgha fills it in`,
      ),
    );
  }
  if (password === undefined) {
    return [
      ...problems,
      problem(
        "password",
        `is missing, so the ${wish.title} has none`,
        `add a password, ${anotherPassword(wish, isHeld)}`,
      ),
    ];
  }
  const weakness = passwordProblem(password, wish.username);
  if (weakness !== undefined) {
    problems.push(
      problem("password", `the password ${weakness}`, `put a real password there, ${anotherPassword(wish, isHeld)}`),
    );
  }
  // Patroni hands its passwords on by file and header, some of them as ASCII: it then fails at every start.
  if (wish.purpose !== "role" && /[^\x20-\x7e]/.test(password.reveal()) && weakness === undefined) {
    problems.push(
      problem(
        "password",
        `the password of the ${wish.title} holds a letter or sign outside ASCII, which Patroni and its ` +
          "tools do not all get right",
        `use the letters, digits and signs of ASCII there, ${anotherPassword(wish, isHeld)}`,
      ),
    );
  }
  // What has to be another password anyway need not fit.
  if (wish.verifier && verifier !== undefined && weakness === undefined) {
    if (parseVerifier(verifier) === undefined) {
      problems.push(
        problem(
          "verifier",
          "is not a SCRAM-SHA-256 verifier as PostgreSQL stores it (RFC 5803)",
          "remove the key verifier: pgha makes it from the password, once",
        ),
      );
    } else if (!verifierMatches(verifier, password)) {
      problems.push(
        problem(
          "verifier",
          "was not made from the password beside it",
          "if the password is the right one, remove the keys verifier and uri: pgha makes them anew; if the " +
            "verifier is, put its password back",
        ),
      );
    }
  }
  const stale = uri === undefined ? undefined : passwordInUri(uri.reveal());
  if (wish.endpoint !== undefined && stale !== undefined && stale !== password.reveal()) {
    problems.push(
      problem("uri", "holds another password than the key password", "remove the key uri: pgha makes it anew"),
    );
  }
  return problems;
}

/**
 * What is wrong with several wishes together: one Secret wished for twice, or a password of the cluster's own that is
 * used elsewhere as well (F94). Applications may share theirs, however unwise.
 */
export function sharingProblems(
  wishes: readonly SecretWish[],
  existing: ReadonlyMap<string, SecretDocument>,
): readonly Problem[] {
  return wishes.flatMap((wish, index) =>
    wishes.slice(0, index).flatMap((earlier): readonly Problem[] => {
      const resource = `Secret/${wish.name}`;
      if (earlier.name === wish.name) {
        return [
          {
            resource,
            path: "",
            message: `is named for both the ${earlier.title} and the ${wish.title}`,
            wayOut: "give each its own Secret",
          },
        ];
      }
      if (earlier.purpose === "role" && wish.purpose === "role") {
        return [];
      }
      const [mine, theirs] = [wish, earlier].map(({ name }) => existing.get(name)?.data["password"]?.reveal());
      if (mine === undefined || mine !== theirs) {
        return [];
      }
      const message = `the ${wish.title} has the same password as the ${earlier.title} (Secret/${earlier.name})`;
      return [
        {
          resource,
          path: "data.password",
          message,
          wayOut: "give each its own password, so that who knows one does not have both",
        },
      ];
    }),
  );
}

const usableTypes: ReadonlySet<string> = new Set(["kubernetes.io/basic-auth", "Opaque"]);

/** Undefined for what is no URI of the kind pgha writes: then it is somebody's own and left alone. */
export function passwordInUri(uri: string): string | undefined {
  try {
    // Not by URL, which knows one host only.
    const password = /^postgres(?:ql)?:\/\/[^:@/?#]*:([^@/?#]+)@/i.exec(uri)?.[1];
    return password === undefined ? undefined : decodeURIComponent(password);
  } catch {
    return undefined;
  }
}
