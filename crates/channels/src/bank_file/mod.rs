//! Payouts by file: people hand a batch to a bank, and bring its result file back. Nothing is
//! called.

mod cells;
mod fault;
mod read;
mod write;

use heliu_ports::channel::{
    BillResult, ChannelDescriptor, FileFault, PayoutBatchFile, PayoutFiles, SentFile, WrittenFile,
};
use heliu_ports::setting::{Setting, SettingForm};

use crate::payouts_only;
use crate::protocol::Protocol;

const ID: &str = "bank_file";

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: ID,
    name: "银行文件",
    settings: &[
        Setting::required(
            "bank_name",
            SettingForm::Text,
            "the bank that pays, as the names of files have it",
        ),
        Setting::optional(
            "encoding",
            SettingForm::OneOf(&["gb18030", "utf-8"]),
            "in which files are written and read; gb18030 (default), or utf-8 with a byte order mark",
        ),
    ],
    keys: &[],
    optional_keys: &[],
    named_keys: &[],
    contract_keys: &[],
    check_sub_merchant_id: payouts_only::no_contracts,
    source: "crates/channels/src/bank_file/README.md",
};

/// The channel. It has no state.
pub(crate) static PROTOCOL: Protocol = payouts_only::channel(&DESCRIPTOR, None, Some(&Files));

struct Files;

impl PayoutFiles for Files {
    fn write(&self, batch: &PayoutBatchFile<'_>) -> Result<WrittenFile, Vec<FileFault>> {
        write::write(batch)
    }

    fn read(&self, sent: &SentFile<'_>, bytes: &[u8]) -> Result<Vec<BillResult>, Vec<FileFault>> {
        read::read(sent, bytes)
    }
}
