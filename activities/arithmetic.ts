/**
 * The value of an arithmetic expression of numbers, `+ - * /` and parentheses.
 *
 * @throws RangeError naming the place where the expression stops making sense.
 */
export function evaluateArithmetic(expression: string): number {
  const tokens = expression.match(/\d+(?:\.\d+)?|[-+*/()]|\S/g) ?? [];
  let position = 0;

  function fail(): never {
    throw new RangeError(`"${expression}" is not arithmetic: unexpected "${tokens[position] ?? 'end'}"`);
  }
  function factor(): number {
    const token = tokens[position];
    if (token === '-') {
      position += 1;
      return -factor();
    }
    if (token === '(') {
      position += 1;
      const value = sum();
      if (tokens[position] !== ')') fail();
      position += 1;
      return value;
    }
    if (token === undefined || !/^\d/.test(token)) fail();
    position += 1;
    return Number(token);
  }
  function product(): number {
    let value = factor();
    while (tokens[position] === '*' || tokens[position] === '/') {
      const times = tokens[position] === '*';
      position += 1;
      const right = factor();
      value = times ? value * right : value / right;
    }
    return value;
  }
  function sum(): number {
    let value = product();
    while (tokens[position] === '+' || tokens[position] === '-') {
      const plus = tokens[position] === '+';
      position += 1;
      const right = product();
      value = plus ? value + right : value - right;
    }
    return value;
  }

  const value = sum();
  if (position !== tokens.length) fail();
  return value;
}
