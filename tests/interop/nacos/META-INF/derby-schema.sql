select 1 from sysibm.sysdummy1;
