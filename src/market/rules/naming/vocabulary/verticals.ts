/** A trade in which pay-per-call campaigns sell, with the words that people search for shortly before they call. */
export interface Vertical {
  readonly name: string
  /** True if callers want a service near them. Then names with a city work better than names with a state. */
  readonly local: boolean
  readonly keywords: readonly string[]
  /** Top-level domains that belong to the trade. */
  readonly tlds: readonly string[]
}

export const verticals: readonly Vertical[] = [
  vertical('insurance', false, 'insurance agency', [
    'insurance, auto insurance, car insurance, home insurance, life insurance, health insurance, renters insurance',
    'final expense, medicare, medicare advantage, commercial insurance, sr22 insurance, burial insurance, term life',
  ]),
  vertical('plumbing', true, 'plumbing repair contractors', [
    'plumber, plumbing, emergency plumber, drain cleaning, leak repair, water heater, sewer repair, clogged drain',
    'pipe repair, toilet repair, sump pump, hydro jetting, repiping, slab leak',
  ]),
  vertical('roofing', true, 'construction contractors repair', [
    'roofing, roofer, roof repair, roof replacement, metal roofing, storm damage, gutter repair, gutters, siding',
    'roof inspection, flat roof, shingles, skylights, hail damage',
  ]),
  vertical('legal', false, 'law lawyer attorney legal', [
    'lawyer, attorney, personal injury, car accident, truck accident, workers comp, divorce, bankruptcy, dui lawyer',
    'criminal defense, immigration, mass tort, wrongful death, social security disability, estate planning',
  ]),
  vertical('rehab', false, 'clinic care health', [
    'rehab, drug rehab, alcohol rehab, detox, addiction treatment, sober living, recovery, opioid treatment',
    'inpatient rehab, outpatient rehab, intervention, mental health, counseling',
  ]),
  vertical('hvac', true, 'repair services contractors', [
    'hvac, air conditioning, ac repair, furnace repair, heating, heat pump, duct cleaning, boiler repair, cooling',
    'thermostat, furnace installation, indoor air, refrigeration',
  ]),
  vertical('solar', false, 'solar energy', [
    'solar, solar panels, solar installation, solar energy, solar quotes, solar battery, home solar, solar roof',
    'solar savings, net metering, solar financing',
  ]),
  vertical('debt', false, 'loans finance credit', [
    'debt relief, debt settlement, debt consolidation, credit repair, tax relief, tax debt, student loans',
    'personal loans, payday loans, credit counseling, irs help, mortgage, refinance',
  ]),
  vertical('dental', true, 'dental dentist care', [
    'dentist, dental, emergency dentist, dental implants, braces, invisalign, dentures, root canal, teeth whitening',
    'tooth extraction, pediatric dentist, orthodontist, veneers',
  ]),
  vertical('locksmith', true, 'services repair', [
    'locksmith, emergency locksmith, car lockout, house lockout, lock change, rekey, car keys, key fob, safe opening',
    'smart locks, master key, lock repair',
  ]),
  vertical('pest', true, 'services', [
    'pest control, exterminator, termite, bed bugs, rodent control, ants, roaches, mosquito control, wildlife removal',
    'termite inspection, fumigation, wasp removal',
  ]),
  vertical('restoration', true, 'repair services', [
    'water damage, fire damage, mold removal, flood cleanup, smoke damage, restoration, sewage cleanup, mold inspection',
    'basement flooding, storm cleanup',
  ]),
  vertical('moving', false, 'services', [
    'movers, moving, moving company, long distance movers, local movers, auto transport, storage, packing, relocation',
    'piano movers, office movers, car shipping',
  ]),
  vertical('towing', true, 'auto services', [
    'towing, tow truck, roadside assistance, jump start, flat tire, car towing, heavy towing, wrecker, fuel delivery',
    'winch out, junk cars',
  ]),
  vertical('home', true, 'house repair contractors', [
    'windows, window replacement, bathroom remodel, kitchen remodel, flooring, painting, walk in tubs, handyman',
    'garage door, fencing, concrete, landscaping, tree service, electrician, foundation repair, carpet cleaning',
  ]),
  vertical('senior', false, 'care health', [
    'senior care, assisted living, home care, memory care, medical alert, hearing aids, caregiver, nursing home',
    'stairlift, hospice, elder care',
  ]),
  vertical('security', false, 'security systems', [
    'home security, alarm system, security cameras, monitoring, access control, video doorbell, alarm monitoring',
    'business security, smart home',
  ]),
  vertical('travel', false, 'travel flights', [
    'flights, cheap flights, cruises, hotels, car rental, vacation, travel agent, last minute flights, airline tickets',
    'travel insurance',
  ]),
  vertical('telecom', false, 'network systems', [
    'internet, internet service, cable tv, satellite tv, fiber internet, phone service, business phone, wireless',
    'internet providers, home internet, tv deals',
  ]),
  vertical('education', false, 'education academy degree', [
    'online degree, nursing school, trade school, college, mba, cdl training, coding bootcamp, ged, certification',
    'medical assistant, online classes',
  ]),
]

function vertical(name: string, local: boolean, tlds: string, lists: readonly string[]): Vertical {
  return { name, local, tlds: tlds.split(' '), keywords: lists.flatMap((list) => list.split(', ')) }
}
