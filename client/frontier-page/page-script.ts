/** Runs in the browser, with d3 and Plot there. Plain text, because the compiler knows no browser; the tests run it in one. */
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const { frontier, recommendations } = JSON.parse(document.getElementById('data').textContent);
  const { points, front, today } = frontier;
  const byId = (id) => document.getElementById(id);
  const alphas = [...new Set(points.map((point) => point.alpha))];
  const lambdas = [...new Set(points.map((point) => point.lambdaUsdPerSecond))];
  const pointAt = (alphaIndex, lambdaIndex) => points[lambdaIndex * alphas.length + alphaIndex];
  const extra = (gain) => 1000 * gain.extraUsd;
  const dollars = (usd) => {
    if (usd === 0) return '$0';
    const size = Math.abs(usd);
    const decimals = size >= 1 ? 2 : Math.min(9, 2 - Math.floor(Math.log10(size)));
    return (usd < 0 ? '-' : '') + '$' + size.toFixed(decimals);
  };
  const seconds = (value) => value.toFixed(2) + ' s';
  const short = (value) => String(Number(value.toFixed(4)));

  const alpha = byId('alpha');
  const lambda = byId('lambda');
  alpha.max = String(alphas.length - 1);
  lambda.max = String(lambdas.length - 1);
  const dial = {
    alpha: alphas.indexOf(today.alpha),
    lambda: Math.max(0, lambdas.indexOf(today.lambdaUsdPerSecond)),
  };
  let goal = recommendations[0] ? { ...recommendations[0].goal } : null;

  /* The rule of runahead frontier --budget and --save-seconds, once more. */
  const better = (goal) => (left, right) => {
    const cost = left.expected.extraUsd - right.expected.extraUsd;
    const savings = right.expected.secondsSaved - left.expected.secondsSaved;
    return goal.savingsFirst ? savings || cost || far(left) - far(right) : cost || savings || far(left) - far(right);
  };
  const far = (point) => {
    const steps = Math.abs(Math.log10(point.lambdaUsdPerSecond / today.lambdaUsdPerSecond));
    return (Number.isFinite(steps) ? steps : 0) + Math.abs(point.alpha - today.alpha);
  };
  const recommend = ({ kind, usdPerThousandPipelines, secondsPerPipeline }) => {
    const isBudget = kind === 'budget';
    const good = points.filter(({ expected }) => isBudget ? extra(expected) <= usdPerThousandPipelines : expected.secondsSaved >= secondsPerPipeline);
    const reached = good.length > 0;
    const pool = reached ? good : [...points];
    return { reached, point: pool.sort(better({ savingsFirst: isBudget === reached }))[0] };
  };

  const shown = () => pointAt(dial.alpha, dial.lambda);

  function drawPlot(point, goalPoint) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const place = (each) => ({ ...each, x: extra(each.expected), y: each.expected.secondsSaved });
    const title = (each) =>
      'alpha ' + short(each.alpha) + ', lambda ' + dollars(each.lambdaUsdPerSecond) + '\\nsaves ' + seconds(each.expected.secondsSaved) +
      '\\nextra ' + dollars(extra(each.expected)) + ' per 1000\\n' + each.launchesPerPipeline.toFixed(2) + ' launches';
    const all = points.map(place);
    const sweep = alphas.map((_, index) => place(pointAt(index, dial.lambda)));
    const chosen = place(point);
    const error = point.standardError;
    const marks = [
      Plot.dot(all, { x: 'x', y: 'y', r: 2, fill: colour('--quiet'), fillOpacity: 0.45 }),
      Plot.line([{ x: 0, y: 0 }, ...front.map(place)], { x: 'x', y: 'y', stroke: colour('--accent'), strokeWidth: 2, curve: 'step-after' }),
      Plot.line(sweep, { x: 'x', y: 'y', stroke: colour('--quiet'), strokeDasharray: '4 3' }),
      error && Plot.link([chosen], { x: 'x', y1: chosen.y - error.secondsSaved, y2: chosen.y + error.secondsSaved, stroke: colour('--accent'), strokeWidth: 2 }),
      error && Plot.link([chosen], { y: 'y', x1: chosen.x - extra(error), x2: chosen.x + extra(error), stroke: colour('--accent'), strokeWidth: 2 }),
      Plot.dot([place(today)], { x: 'x', y: 'y', r: 8, stroke: colour('--today'), strokeWidth: 2.5, symbol: 'square' }),
      goalPoint && Plot.dot([place(goalPoint)], { x: 'x', y: 'y', r: 9, stroke: colour('--goal'), strokeWidth: 2.5, symbol: 'diamond' }),
      Plot.dot([chosen], { x: 'x', y: 'y', r: 6, fill: colour('--accent') }),
      Plot.tip(all, Plot.pointer({ x: 'x', y: 'y', title, fill: colour('--paper'), stroke: colour('--line') })),
    ];
    const figure = Plot.plot({
      width: 680, height: 440, marginLeft: 60, marginBottom: 45,
      style: { background: 'transparent', color: colour('--ink'), fontSize: '13px', overflow: 'visible' },
      ariaLabel: 'Seconds saved against extra dollars for every setting of the dial',
      x: { label: 'expected extra dollars per 1000 pipelines', zero: true, nice: true },
      y: { label: 'expected seconds saved per pipeline', zero: true, nice: true, grid: true },
      marks: marks.filter(Boolean),
    });
    figure.style.maxWidth = '100%';
    byId('plot').replaceChildren(figure);
  }

  function fill(id, entries) {
    byId(id).replaceChildren(...entries.flatMap(([name, value]) => {
      const [term, text] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      text.textContent = value;
      return [term, text];
    }));
  }

  function drawTable(point) {
    const rows = alphas.map((_, index) => pointAt(index, dial.lambda)).map((each) => {
      const { alpha, launchesPerPipeline, expected, standardError, realised } = each;
      const cells = [
        short(alpha), launchesPerPipeline.toFixed(2), seconds(expected.secondsSaved), standardError ? standardError.secondsSaved.toFixed(2) : '',
        dollars(extra(expected)), standardError ? dollars(extra(standardError)) : '',
        realised ? seconds(realised.secondsSaved) : '', realised ? dollars(extra(realised)) : '',
      ];
      const row = document.createElement('tr');
      if (each === point) row.className = 'now';
      row.append(...cells.map((cell) => Object.assign(document.createElement('td'), { textContent: cell })));
      return row;
    });
    byId('rows').replaceChildren(...rows);
    byId('table-lambda').textContent = dollars(point.lambdaUsdPerSecond);
  }

  function draw() {
    const point = shown();
    alpha.value = String(dial.alpha);
    lambda.value = String(dial.lambda);
    alpha.setAttribute('aria-valuetext', short(point.alpha));
    lambda.setAttribute('aria-valuetext', dollars(point.lambdaUsdPerSecond) + ' a second');
    byId('alpha-value').textContent = short(point.alpha);
    byId('lambda-value').textContent = dollars(point.lambdaUsdPerSecond) + ' a second';
    const plusMinus = (text, error) => (error === null ? text : text + ' \\u00b1 ' + error);
    const { expected, standardError: error, realised } = point;
    fill('numbers', [
      ['launches per pipeline', point.launchesPerPipeline.toFixed(2)],
      ['drafts per pipeline', point.draftsPerPipeline.toFixed(2)],
      ['saves per pipeline', plusMinus(seconds(expected.secondsSaved), error && error.secondsSaved.toFixed(2))],
      ['extra per 1000', plusMinus(dollars(extra(expected)), error && dollars(extra(error)))],
      ['against today', (expected.secondsSaved - today.expected.secondsSaved >= 0 ? '+' : '') + seconds(expected.secondsSaved - today.expected.secondsSaved)
        + ', ' + dollars(extra(expected) - extra(today.expected))],
      ...(realised ? [
        ['known outcomes saved', seconds(realised.secondsSaved) + ' (expected ' + seconds(realised.expected.secondsSaved) + ')'],
        ['known outcomes cost', dollars(extra(realised)) + ' (expected ' + dollars(extra(realised.expected)) + ')'],
      ] : []),
    ]);
    byId('command').textContent = 'runahead knob set --control --alpha ' + short(point.alpha) + ' --lambda ' + Number(point.lambdaUsdPerSecond.toPrecision(6));
    const advice = goal === null ? null : recommend(goal);
    byId('advice').textContent = advice === null ? 'Give a budget or a number of seconds.' : inWords(goal, advice);
    byId('take').disabled = advice === null;
    drawPlot(point, advice && advice.point);
    drawTable(point);
  }

  function inWords(goal, { reached, point }) {
    const setting = 'alpha ' + short(point.alpha) + ' and lambda ' + dollars(point.lambdaUsdPerSecond);
    const gain = ': saves ' + seconds(point.expected.secondsSaved) + ' for ' + dollars(extra(point.expected)) + '.';
    if (goal.kind === 'budget') {
      const budget = dollars(goal.usdPerThousandPipelines) + ' per 1000 pipelines';
      return reached ? 'Within ' + budget + ', ' + setting + ' saves most' + gain
        : 'No setting stays within ' + budget + '; the least is ' + setting + gain + ' Off costs nothing.';
    }
    const deadline = seconds(goal.secondsPerPipeline) + ' per pipeline';
    return reached ? 'To save ' + deadline + ', ' + setting + ' is the cheapest' + gain
      : 'No setting saves ' + deadline + '; the most is ' + setting + gain;
  }

  const inputs = { budget: byId('budget'), deadline: byId('deadline') };
  if (goal !== null) inputs[goal.kind].value = String(goal.kind === 'budget' ? goal.usdPerThousandPipelines : goal.secondsPerPipeline);
  const read = (kind, input, field) => {
    const value = Number(input.value);
    goal = input.value.trim() === '' || !Number.isFinite(value) || value < 0 ? null : { kind, [field]: value };
    for (const other of Object.values(inputs)) if (other !== input) other.value = '';
    draw();
  };
  inputs.budget.addEventListener('input', () => read('budget', inputs.budget, 'usdPerThousandPipelines'));
  inputs.deadline.addEventListener('input', () => read('deadline', inputs.deadline, 'secondsPerPipeline'));
  alpha.addEventListener('input', () => { dial.alpha = Number(alpha.value); draw(); });
  lambda.addEventListener('input', () => { dial.lambda = Number(lambda.value); draw(); });
  const turnTo = (point) => {
    dial.alpha = alphas.indexOf(point.alpha);
    dial.lambda = Math.max(0, lambdas.indexOf(point.lambdaUsdPerSecond));
    draw();
  };
  byId('take').addEventListener('click', () => turnTo(recommend(goal).point));
  byId('back').addEventListener('click', () => turnTo(today));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  draw();
})();
`;
