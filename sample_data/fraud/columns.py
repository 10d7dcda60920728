"""The 46 features of sample_data/fraud: what each looks like and what the model makes of it."""

# fmt: off
# median and spread of a log-normal; logged with two significant digits
AMOUNTS = {
    "amount": (38, 1.2), "amount_average_30d": (45, 0.8), "amount_maximum_30d": (190, 0.9),
    "balance": (1500, 1.3), "merchant_average_amount": (40, 0.7), "merchant_age_days": (900, 0.9),
    "km_from_home": (9, 1.8), "km_from_last": (4, 1.9), "seconds_since_last": (21_000, 1.6),
    "session_seconds": (95, 1.0), "keystroke_ms": (170, 0.3), "account_age_days": (1100, 0.8),
}
# squashed into 0..1; logged with two decimals
SHARES = ["ip_risk", "device_risk", "merchant_risk", "email_risk"]
# scale and spread of a log-normal; logged as the whole number below
COUNTS = {
    "payments_1h": (0.6, 0.8), "payments_24h": (2.2, 0.7), "payments_7d": (9, 0.6),
    "declined_24h": (0.3, 1.0), "declined_7d": (0.5, 1.0), "merchants_7d": (4, 0.5),
    "countries_30d": (1.2, 0.4), "cards_on_device": (1.1, 0.5), "accounts_on_device": (1.2, 0.4),
    "logins_24h": (1.5, 0.6), "failed_logins_24h": (0.3, 0.9), "password_changes_90d": (0.3, 0.9),
    "address_changes_1y": (0.3, 0.8), "items": (2.5, 0.7),
}
# true when a standard normal number is above this
FLAGS = {"online": 0.0, "recurring": 1.0, "foreign": 1.3, "new_device": 1.6, "vpn": 1.7,
         "address_match": -0.8, "cvv_match": -2.0, "three_d_secure": -0.3}
# share of every category, the same over all time
CATEGORIES = {
    "merchant_category": {"grocery": 0.26, "restaurant": 0.18, "fuel": 0.12, "clothing": 0.1,
                          "electronics": 0.09, "travel": 0.08, "pharmacy": 0.07, "games": 0.06,
                          "jewellery": 0.04},
    "country": {"DE": 0.4, "FR": 0.2, "NL": 0.12, "AT": 0.1, "PL": 0.08, "GB": 0.06, "US": 0.04},
    "channel": {"web": 0.4, "app": 0.3, "terminal": 0.25, "phone": 0.05},
    "card_brand": {"visa": 0.5, "mastercard": 0.4, "amex": 0.1},
    "card_kind": {"debit": 0.6, "credit": 0.35, "prepaid": 0.05},
    "device_system": {"android": 0.4, "ios": 0.3, "windows": 0.2, "macos": 0.07, "linux": 0.03},
    "entry_mode": {"chip": 0.3, "contactless": 0.3, "stored": 0.25, "typed": 0.15},
    "currency": {"EUR": 0.82, "PLN": 0.08, "GBP": 0.06, "USD": 0.04},
}
# what the model makes of them; all other columns mean nothing to it
WEIGHTS = {"amount": 0.4, "km_from_home": 0.35, "ip_risk": 0.35, "device_risk": 0.35,
           "merchant_risk": 0.3, "payments_1h": 0.3, "declined_24h": 0.3, "new_device": 0.3,
           "vpn": 0.25, "account_age_days": -0.25}
# fmt: on
