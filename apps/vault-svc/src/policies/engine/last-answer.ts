/** Keeps the last answer of a function: all items of a list are judged for one address, and at one moment. */
export function lastAnswer<A, R>(compute: (argument: A) => R): (argument: A) => R {
  let last: { argument: A; answer: R } | undefined;
  return (argument) => {
    if (last?.argument !== argument) last = { argument, answer: compute(argument) };
    return last.answer;
  };
}
