-- Version 8: how often a person was changed; the center limits it.

alter table contributor add column changes text not null default '{}';   -- Changes as JSON
