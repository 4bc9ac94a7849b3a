/**
 * Figures of real series that the seed data follows. They were computed once from public data and are checked against it
 * where it is at hand (test/seed/figures.test.ts); the series themselves are not part of the product.
 */

/**
 * Share of a week's traffic by weekday (rows, as the source numbers them 1 to 7) and hour (columns, 0 to 23), in
 * 1/100,000, averaged over 114 regions.
 * Source: avito-tech/bat-autobidding-benchmark, data/traffic_share.csv (MIT).
 */
// biome-ignore format: a row is a day
export const hourOfWeek: readonly (readonly number[])[] = [
  [193, 136, 113, 118, 147, 199, 286, 419, 637, 876, 1053, 1101, 1084, 1072, 1033, 994, 942, 874, 801, 901, 802, 683, 556, 396],
  [250, 167, 139, 147, 185, 259, 370, 539, 805, 1101, 1284, 1323, 1322, 1291, 1261, 1213, 1144, 1057, 985, 732, 641, 551, 457, 328],
  [206, 132, 110, 119, 152, 206, 301, 437, 653, 895, 1044, 1070, 1064, 1041, 1017, 975, 921, 847, 790, 720, 644, 550, 447, 318],
  [206, 138, 111, 119, 148, 204, 294, 430, 644, 876, 990, 1039, 1046, 1030, 993, 961, 905, 839, 779, 710, 629, 538, 438, 315],
  [200, 132, 111, 117, 147, 199, 288, 415, 621, 859, 987, 1018, 991, 984, 955, 915, 854, 788, 719, 661, 580, 491, 400, 290],
  [190, 126, 105, 110, 129, 177, 246, 359, 528, 731, 873, 909, 900, 878, 843, 803, 765, 709, 655, 594, 522, 466, 370, 281],
  [184, 129, 101, 102, 121, 156, 221, 320, 484, 670, 824, 869, 863, 853, 826, 798, 761, 718, 667, 615, 545, 480, 404, 293],
]

/** Where the quantiles below are taken. */
export const quantileLevels = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const

/**
 * Quantiles of the hourly cost per click of three ad exchanges, each hour divided by the median of its exchange. What
 * wins a call is this factor times the trade's median price of a call: the spread is real, the level is that of the trade.
 * The ends (under 1 %, over 99 %) are cut off: there the source has single hours of forty times the median.
 * Source: numenta/NAB, data/realAdExchange/*_cpc_results.csv, July to September 2011 (MIT).
 */
export const priceFactors = [0.419, 0.541, 0.631, 0.788, 1, 1.27, 1.564, 1.803, 2.852] as const

/** The same of the hourly cost per thousand impressions (*_cpm_results.csv): the spread of what traffic costs. */
export const costFactors = [0.372, 0.505, 0.585, 0.767, 1, 1.334, 1.712, 1.983, 2.748] as const

/**
 * Shares of ten companies in what is said about them, most first: the skew of buyers in the calls they win.
 * Source: numenta/NAB, data/realTweets, mentions in 5 minutes summed up, February to April 2015 (MIT).
 */
export const buyerShares = [0.4219, 0.2617, 0.1019, 0.0875, 0.056, 0.0268, 0.0216, 0.0165, 0.0043, 0.0018] as const

/**
 * How many answers hold one, two, three and four bids of the bidder that was asked.
 * Source: prebid/prebid-server, adapters' exemplary fixtures (Apache-2.0).
 */
export const bidsPerBuyer = [1215, 115, 18, 3] as const

/** Quantiles of the second highest price over the highest, where an answer holds several bids. Source: as before. */
export const runnerUpFactors = [0.11, 0.2, 0.2, 0.5, 0.833, 1, 1, 1, 1] as const

/**
 * How many of the ten thousand most visited names end in a top-level domain, for those that campaigns of the United
 * States register.
 * Source: opendns/public-domain-lists, opendns-top-domains.txt, 2014 (public domain).
 */
export const tldCounts = {
  com: 6481,
  net: 895,
  org: 348,
  info: 102,
  biz: 73,
  tv: 60,
  me: 53,
  io: 41,
  co: 39,
  us: 21,
  mobi: 14,
} as const

/**
 * Popularity falls with rank to this power: slope of log(linking domains) over log(rank) of 500 ranked sites. Campaigns
 * and the domains within them are skewed by it.
 * Source: npm top-sites 1.1.222 (MIT), from Moz's list of 500.
 */
export const popularityExponent = 0.798
