/**
 * Figures from series of real data, on which the sample data is modelled. They were computed once from public data. A test compares them
 * with that data where it is available (test/seed/figures.test.ts). The series themselves are not part of the product.
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

/** Levels of all quantiles in this file. */
export const quantileLevels = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const

/**
 * Quantiles of the cost per click at three ad exchanges. The cost of each hour is divided by the median cost at the same exchange. The
 * winning price of a phone call is the median price in the trade of the call, multiplied by a factor that is drawn from these quantiles. So
 * the spread of the prices comes from the data source, and the level comes from the trade. The tails (below 1 % and above 99 %) are cut
 * off, because the cost of some single hours is forty times the median.
 * Source: numenta/NAB, data/realAdExchange/*_cpc_results.csv, July to September 2011 (MIT).
 */
export const priceFactors = [0.419, 0.541, 0.631, 0.788, 1, 1.27, 1.564, 1.803, 2.852] as const

/**
 * Quantiles of the hourly cost per thousand impressions, computed in the same way as {@link priceFactors} (source: *_cpm_results.csv). They
 * describe how the costs of traffic spread.
 */
export const costFactors = [0.372, 0.505, 0.585, 0.767, 1, 1.334, 1.712, 1.983, 2.748] as const

/**
 * Share of each of ten companies in all mentions of these companies, largest first. The shares model how unequally buyers win phone calls.
 * Source: numenta/NAB, data/realTweets, mentions in 5 minutes summed up, February to April 2015 (MIT).
 */
export const buyerShares = [0.4219, 0.2617, 0.1019, 0.0875, 0.056, 0.0268, 0.0216, 0.0165, 0.0043, 0.0018] as const

/**
 * Distribution of the number of bids that a bidder places in one bid response. The first item is the number of responses with one bid of
 * the bidder. The other items are the numbers of responses with two, three and four bids of the bidder.
 * Source: prebid/prebid-server, adapters' exemplary fixtures (Apache-2.0).
 */
export const bidsPerBuyer = [1215, 115, 18, 3] as const

/**
 * Quantiles of the ratio of the second highest price to the highest, in bid responses with several bids.
 * Source: as for {@link bidsPerBuyer}.
 */
export const runnerUpFactors = [0.11, 0.2, 0.2, 0.5, 0.833, 1, 1, 1, 1] as const

/**
 * Number of names, among the ten thousand most visited, that end in each top-level domain. Only top-level domains that campaigns in the
 * United States register are listed.
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
 * Exponent of the power law between popularity and rank. It is the absolute value of the slope of log(linking domains) over log(rank). The
 * slope was computed from 500 ranked sites. In the sample data, the number of phone calls of a campaign follows a power law with the same
 * exponent, and so does the number of phone calls of a domain within its campaign.
 * Source: npm top-sites 1.1.222 (MIT), from Moz's list of 500.
 */
export const popularityExponent = 0.798
