/** A small library to search: facts about pottery and its history, written for this sample. */
export interface Source {
  title: string;
  text: string;
}

const LIBRARY: readonly Source[] = [
  {
    title: 'Lead in glazes',
    text: 'Lead made glazes run smoothly at low heat. Acidic food dissolves it, so tableware gave it up first; decorative tiles kept it for decades longer.',
  },
  {
    title: 'Tin glaze on its way west',
    text: 'Potters whitened earthenware with tin to look like porcelain. The recipe travelled by trade routes and changed its name in every country.',
  },
  {
    title: 'Ash glazes',
    text: 'Wood ash falling on hot pots melts into a glaze by itself. Later potters washed and sieved the ash to repeat the accident on purpose.',
  },
  {
    title: 'Electric kilns at home',
    text: 'An electric kiln keeps an even temperature and needs no chimney. It draws as much power as a small workshop and wants its own circuit.',
  },
  {
    title: 'Wood kilns and their crews',
    text: 'A long wood kiln is fed for days by people in shifts. The path of the flame decides the colour, so stacking is half of the art.',
  },
  {
    title: 'Gas kilns and reduction',
    text: 'Starving a gas flame of air pulls oxygen out of the glaze. Copper then turns red and iron turns green, which an electric kiln cannot do.',
  },
  {
    title: 'Where porcelain clay comes from',
    text: 'Porcelain needs a white clay from weathered granite and a flux that melts with it. Both must be nearly free of iron.',
  },
  {
    title: 'Stoneware clay',
    text: 'Stoneware closes its pores at high heat and holds water without a glaze. It forgives more than porcelain and costs less.',
  },
  {
    title: 'Recycling clay',
    text: 'Dry scraps take up water again in a bucket within a day. Fired clay cannot go back, but it can be crushed and mixed in as grog.',
  },
  {
    title: 'Water use of a studio',
    text: 'Most of the water in a studio rinses tools. Settling tanks give it back clear enough to use again and keep clay out of the drains.',
  },
  {
    title: 'Energy of one firing',
    text: 'A small electric firing takes some forty kilowatt hours. Full kilns, thicker insulation and a slower last hour all save energy.',
  },
  {
    title: 'Selling at markets',
    text: 'Potters sell cups to pay for vases. A stall with few forms in many colours sells more than one with many forms.',
  },
  {
    title: 'Selling online',
    text: 'Online buyers look at the foot of a pot and at its weight. Breakage in the post is the largest cost after the photographs.',
  },
  {
    title: 'Prices of handmade ware',
    text: 'The price of a handmade mug follows the hours in it only loosely; it follows the name on its foot much more.',
  },
  {
    title: 'Teaching beginners',
    text: 'Beginners learn to centre in about six hours if the clay is soft. Short lessons on many days beat long ones.',
  },
  {
    title: 'Hands and backs',
    text: 'A wheel at standing height spares the back. Wedging with the whole body instead of the wrists keeps a potter working for longer.',
  },
];

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[a-z]{4,}/g) ?? []);
}

/** The source that shares most words with a query. */
export function searchLibrary(query: string): Source {
  const wanted = words(query);
  let best: Source = { title: 'Nothing found', text: 'The library has nothing on this.' };
  let bestScore = 0;
  for (const source of LIBRARY) {
    const title = words(source.title);
    const text = words(source.text);
    const score = [...wanted].reduce((sum, word) => sum + (title.has(word) ? 3 : 0) + (text.has(word) ? 1 : 0), 0);
    if (score > bestScore) {
      best = source;
      bestScore = score;
    }
  }
  return best;
}
