export interface State {
  /** Postal code of the state: two letters, upper case. */
  readonly code: string
  readonly name: string
  /** Number of residents in thousands, from the census of 2020. */
  readonly residents: number
}

/** The fifty states and the District of Columbia, most residents first. */
export const states: readonly State[] = parseStates(`
  CA California 39538; TX Texas 29146; FL Florida 21538; NY New York 20201; PA Pennsylvania 13003; IL Illinois 12813
  OH Ohio 11799; GA Georgia 10712; NC North Carolina 10439; MI Michigan 10077; NJ New Jersey 9289; VA Virginia 8631
  WA Washington 7705; AZ Arizona 7152; MA Massachusetts 7030; TN Tennessee 6911; IN Indiana 6786; MD Maryland 6177
  MO Missouri 6155; WI Wisconsin 5894; CO Colorado 5774; MN Minnesota 5706; SC South Carolina 5118; AL Alabama 5024
  LA Louisiana 4658; KY Kentucky 4506; OR Oregon 4237; OK Oklahoma 3959; CT Connecticut 3606; UT Utah 3272; IA Iowa 3190
  NV Nevada 3105; AR Arkansas 3012; MS Mississippi 2961; KS Kansas 2938; NM New Mexico 2118; NE Nebraska 1962
  ID Idaho 1839; WV West Virginia 1794; HI Hawaii 1455; NH New Hampshire 1378; ME Maine 1362; RI Rhode Island 1097
  MT Montana 1084; DE Delaware 990; SD South Dakota 887; ND North Dakota 779; AK Alaska 733; DC District of Columbia 690
  VT Vermont 643; WY Wyoming 577
`)

/** Large cities of the United States, roughly by size. */
export const cities: readonly string[] = list(`
  new york, los angeles, chicago, houston, phoenix, philadelphia, san antonio, san diego, dallas, austin, jacksonville
  fort worth, columbus, charlotte, indianapolis, san francisco, seattle, denver, oklahoma city, nashville, el paso, boston
  portland, las vegas, detroit, memphis, louisville, baltimore, milwaukee, albuquerque, tucson, fresno, sacramento
  kansas city, mesa, atlanta, omaha, colorado springs, raleigh, long beach, virginia beach, miami, oakland, minneapolis
  tulsa, bakersfield, wichita, arlington, tampa, new orleans, cleveland, honolulu, anaheim, lexington, stockton
  corpus christi, irvine, cincinnati, orlando, newark, pittsburgh, st louis, greensboro, lincoln, anchorage, plano, durham
  buffalo, chandler, toledo, madison, reno, fort wayne, lubbock, st petersburg, laredo, chesapeake, scottsdale, garland
  boise, norfolk, spokane, richmond, tacoma, fontana, des moines, birmingham, rochester, salt lake city, huntsville
  little rock, tallahassee, worcester, knoxville, providence, fort lauderdale, chattanooga, savannah, charleston, eugene
`)

function parseStates(text: string): State[] {
  return [...text.matchAll(/([A-Z]{2}) ([A-Za-z ]+?) (\d+)/g)].map(([, code = '', name = '', residents]) => ({
    code,
    name,
    residents: Number(residents),
  }))
}

function list(text: string): string[] {
  return text
    .trim()
    .split(/,\s*|\n\s*/)
    .map((word) => word.trim())
}
