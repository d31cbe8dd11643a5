//! Which currencies there are, and which of them can have an exchange rate here.

use crate::money::Currency;

/// The codes of ISO 4217 in use whose amounts have two decimal places.
const TWO_PLACES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF \
    CHF COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS \
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN \
    NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
    SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW";
/// Those whose amounts have none, three or four.
const OTHER_PLACES: &str = "BHD BIF CLF CLP DJF GNF IQD ISK JOD JPY KMF KRW KWD LYD OMR PYG RWF TND UGX UYI UYW VND VUV XAF \
    XOF XPF";

/// Why a currency can have no exchange rate here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyFault {
    /// No currency has that code.
    #[error("there is no currency of that code; ISO 4217 has three letters for each, such as THB")]
    Unknown,
    /// Amounts are taken in hundredths.
    #[error("its amounts do not have two decimal places, and no others are taken here")]
    OtherPlaces,
    /// It is what everything is charged in.
    #[error("everything is charged in it, so that it needs no rate")]
    Own,
}

/// The currency of a code that can have an exchange rate.
///
/// # Errors
/// Why it can have none.
pub fn exchangeable(text: &str) -> Result<Currency, CurrencyFault> {
    let currency: Currency = text.parse().map_err(|_| CurrencyFault::Unknown)?;
    let is_in = |codes: &str| {
        codes
            .split_ascii_whitespace()
            .any(|code| code == currency.as_str())
    };
    match currency {
        Currency::CNY => Err(CurrencyFault::Own),
        _ if is_in(TWO_PLACES) => Ok(currency),
        _ if is_in(OTHER_PLACES) => Err(CurrencyFault::OtherPlaces),
        _ => Err(CurrencyFault::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_currency_has_a_rate_if_there_is_one_and_it_has_hundredths() {
        for text in ["THB", "hkd", "Usd", "EUR", "MOP", "TWD", "SGD", "MYR"] {
            let currency = exchangeable(text).expect("known");
            assert_eq!(currency.as_str(), text.to_ascii_uppercase());
        }
        for text in ["XYZ", "ABC", "TH", "THBX", "", "T1B", "泰铢"] {
            assert_eq!(exchangeable(text), Err(CurrencyFault::Unknown), "{text}");
        }
        for text in ["JPY", "krw", "VND", "KWD"] {
            assert_eq!(
                exchangeable(text),
                Err(CurrencyFault::OtherPlaces),
                "{text}"
            );
        }
        assert_eq!(exchangeable("cny"), Err(CurrencyFault::Own));
    }

    #[test]
    fn each_code_stands_once() {
        let all: Vec<_> = [TWO_PLACES, OTHER_PLACES]
            .into_iter()
            .flat_map(str::split_ascii_whitespace)
            .collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert!(all.iter().all(|code| code.len() == 3));
    }
}
