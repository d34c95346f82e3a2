//! Made-up people with valid ID numbers.

pub(crate) struct Person {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) department: String,
    pub(crate) old_base: u32,
    pub(crate) new_base: u32,
}

const SURNAMES: [&str; 8] = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王"];
const GIVEN: [&str; 7] = ["晓明", "丽", "建国", "思远", "雨桐", "志强", "婷婷"];
const DEPARTMENTS: [&str; 3] = ["研发部", "财务部", "行政部"];

pub(crate) fn people(count: u32) -> Vec<Person> {
    (0..count)
        .map(|i| Person {
            account: format!("{:012}", 108_010_000_000_u64 + u64::from(i)),
            name: format!("{}{}", SURNAMES[i as usize % 8], GIVEN[i as usize % 7]),
            id: id_number(i),
            department: DEPARTMENTS[(i / 2) as usize % 3].to_owned(),
            old_base: 4_000 + i * 100,
            new_base: 4_500 + i * 110,
        })
        .collect()
}

/// GB 11643-1999.
fn id_number(i: u32) -> String {
    let body = format!("410801{:04}{:02}{:02}{:03}", 1970 + i % 35, 1 + i % 12, 1 + i % 28, 1 + i % 999);
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = char::from(b"10X98765432"[(sum % 11) as usize]);
    format!("{body}{check}")
}
