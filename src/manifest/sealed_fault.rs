//! What can be wrong with a line of a sealed file. The rules that are named `sealed-…` say it in words.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedFault {
    /// A file without a header.
    Empty,
    /// The file has other columns, so what stands in them isn't sealed.
    PlainColumns,
    /// What stands in a `sealed` cell isn't sealed.
    PlainCell,
    /// A line that isn't a MIS value and a sealed cell.
    NotTwoCells,
    WithoutName,
    /// A second line for one MIS value.
    Repeated,
    /// The line would stand further up if the file were in order.
    Unsorted,
    TooLong,
    /// It is an age file, but cut off or changed.
    Damaged,
    /// What was sealed isn't a row.
    NotARow,
    /// It was sealed for a user with another MIS value.
    OfAnotherUser,
    OfAnotherOrganisation,
    /// The keys of this run don't open it.
    NoKey,
    /// It is sealed for others than `rosterctl.yaml` names.
    OtherRecipients,
}
