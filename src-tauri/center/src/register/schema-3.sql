alter table unit add column district text;         -- 区县, where the center's limits differ by district
