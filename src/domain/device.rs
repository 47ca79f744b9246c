//! A steward's device, for as long as it counts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Hexadecimal digits of a device's number: 128 bits, so that no two devices ever draw the same one.
const DIGITS: usize = 32;

/// The random number that a steward's page draws when it begins to count, and that its taps are kept under.
///
/// It tells devices apart, so that their taps sum and nothing is counted twice; it says nothing about whose they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Device(u128);

/// A text that is not a device's number.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that is not a device's number; it has {DIGITS} of 0-9 and a-f")]
pub struct DeviceError;

impl Device {
    /// The first digits, by which a person may tell a few devices apart.
    pub fn short(&self) -> String {
        format!("{:08x}", self.0 >> 96)
    }
}

impl From<u128> for Device {
    fn from(number: u128) -> Self {
        Self(number)
    }
}

impl FromStr for Device {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let plain = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != DIGITS || !text.bytes().all(plain) {
            return Err(DeviceError);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| DeviceError)
    }
}

impl TryFrom<String> for Device {
    type Error = DeviceError;

    fn try_from(text: String) -> Result<Self, DeviceError> {
        text.parse()
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$x}", self.0, width = DIGITS)
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({})", self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_reads_back_as_it_was_written() {
        let text = "00c0ffee00c0ffee00c0ffee00c0ffee";
        let device: Device = text.parse().unwrap();
        assert_eq!((device.to_string().as_str(), device.short().as_str()), (text, "00c0ffee"));
        for bad in ["", "c0ffee", &text.to_uppercase(), &format!("{text}0"), &"+".repeat(32)] {
            assert_eq!(bad.parse::<Device>(), Err(DeviceError), "{bad}");
        }
    }
}
