"""The words that give something away, by category. Data: a phrase a comma, ``*`` at the end of a stem.

Written as they stand after folding, words apart by one space. The longest phrase at a place counts alone: a
``work permit`` is a status, not a place of work. English as clerks write it, with abbreviations, and Spanish.
"""

from typing import Final

from schemas.kinds import Category

RELEASE: Final = """
releas*, rls, rlsd, rlse, relse, rel, reld, tbr, r/o/r, ror, ord out, all yours, is yours, are yours, yours now,
yours to, be yours, own recognizance, pr bond, discharge, charges, charged, charging, getting out, gets out, get out,
got out, gotten out, let out, lets out, letting out, let him go, let her go, let them go, letting him go,
letting her go, be out, is out, out at, out by, out tomorrow, out today, out tonight, out the door, out date, outdate,
out time, walk out, walks out, walking out, walks at, kicked out, kick loose, kicked loose, cut loose, turned loose,
turn loose, set free, freed, goes free, go free, free to go, free to leave, going home, goes home, sent home,
bonds out, bonded out, bonding out, bond out, bailed out, bails out, bond posted, posted bond, bail*, pick up, pickup*,
pick him up, pick her up, pick them up, picked up, picks up, ready at, ready to go, come get, come and get,
come for him, come for her, swing by, grab him, grab her, sally port, sallyport, handover, hand over, hand off,
handoff, turn over, turned over, turnover, turning over, erd, edr, time served, max out, maxes out, max date,
charges dropped, parole date, paroled out, work release, furlough*, sale el, sale a, saldra, salida, sera liberad*,
liberad*, liberar, puesto en libertad, en libertad, sale libre, fianza, sprung, liberate*, unlocked, unshackle*,
uncuff*, uncage*, paroled, exonerat*, loosed, set loose, absconded, escape*, egress, liberty, emancipat*, kickout*,
kick out, kicks out, kicking out, kicks loose, otl, ptr, tot, maxout*, maxed out, maxing out, rollup*, roll up,
rolls up, rolled up, rolling up, dressout*, dress out, dresses out, dressed out, dressing out, disch, dischg*, dischd,
relsd, relsg, relsng, rlsed, rlsg, rlsng, bondd, outt, tether*, soltad*, soltar*, sueltal*, sueltel*, suelten*,
suelte, gtg, ouut, vamonos
"""

MOVES: Final = """
out, leave, leaves, leaving, left, depart, departs, departing, departed, departure, exit, exits, exiting, bond, bonds,
bonding, bonded, surety, posted, posting, ready, available, come, comes, coming, came, meet, meets, meeting, lobby,
curb, front door, back door, side door, front gate, back gate, parking lot, garage, transfer, transfers, transferred,
transferring, transferral, transport, transports, transported, transporting, transportation, deliver, delivers,
delivered, delivering, delivery, escort, escorts, escorted, escorting, move, moves, moved, moving, eta, expected,
projected, earliest, eligible, eligibility, cleared, processed, process, processing, checkout, checked out, check out,
done, finish, finished, finishes, drop, drops, dropped, dropping, dismiss, dismissed, dismissal, dismissing, nolle,
acquit*, probation*, supervised, good time, walk, walks, walked, walking, go, goes, going, gone, went, head, heads,
headed, heading, free, loose, home, door, gate, lista, listo, libre, recoger*, entrega*, traslad*, sale, salir, salen,
xfer*, xfr*, trnsf*
"""
"""Words of coming and going: a time beside one of them is a time of release."""

CUSTODY: Final = """
in this office, at this office, in our office, at our office, with this office, with our office, in this department,
at this department, in our department, with our department, with this agency, with our agency, in this agency,
in our agency, at this agency, at our agency, custody, custod*, in jail, jail*, gaol, inmate*, prisoner*, arrestee*,
detainee*, booked, booking*, book in, books in, rebooked, detain*, detention*, incarcerat*, imprison*, prison*,
arrest*, cell, cells, cell block, cell blocks, cellmate*, cellblock*, housing unit*, housed, house arrest, being held,
held, is holding, are holding, holding cell, hold for, on hold, ice hold*, immigration hold*, lockup*, lock up,
locked up, lodged, lodging, behind bars, bunk*, drunk tank, still in, in our facility, in the facility, population,
remand*, committed to, sentenced, detainer*, i 247*, i 200, i 203*, i 205, i 213, 287 g, 287g, notification request,
custody status, incarceration status, jail status, inmate status, booking status, cus y, cus n, still here, is here,
are here, here now, here with, here until, got here, brought in, taken in, with us, with you, all in, we have,
weve got, we got, have him, have her, have them, has him, has her, got him, got her, keep him, keep her, keeping him,
keeping her, in our care, in our building, in the building, on the roster, roster*, our guest*, serving, doing time,
max security, segregation, solitary, trustee*, trusty,
trusties, commissary, visitation, mugshot*, mug shot*, booking photo, weekender*,
gps tether, ankle monitor, us marshal*, usms, felon*, misdemean*, warrant*, charged with, livescan, live scan,
detenid*, preso, presa, presos, carcel, arrestad*, encarcelad*, bajo custodia, custodia, celda, reclus*, confine*,
confining, captured, captive*, interned, internment, handcuff*, shackle*, cuffed, caged, nabbed, busted, seized,
snagged, slammer, clink, hoosegow, penned, impounded, sequester*, extradit*, apprehends, lodges, hospitali*, deceased,
dungeon, annex, barracks, infirmary, clinic, kennel, stockade, bullpen, rikers, guantanamo, on our list,
presented to us, presented to you, be presented, was presented, was acquired, acquired by us, was obtained,
obtained by us, entered our office, entered this office, will be entered, that you requested from, evicted, expelled,
ejected, ousted
"""

PRESENCE: Final = """
hold, holds, holding, here, onsite, on site, facility, intake, pod, block, dorm*, unit, tank, upstairs, downstairs,
present, interview*, charge, charges, charged, charging, offense*, offence*, dui, owi, dwi, assault*, battery, larceny,
burglar*, robber*, narcotic*, drug*, theft, stolen, cited, citation*, summons, fingerprint*, classification, kite,
locked, apprehend*, our list, in our, building, guest*, seg, icu, pb, ic, ual, ccw, mdop, fta, ppo, rfa, rfd, nfh, dfa,
misd
"""
"""Words that say where somebody is only together with others: a time beside one of them is a time of release."""

LENGTH: Final = """
sentence*, days served, days left, days remaining, days to serve, days to go, days in, days more, more days,
months left, months remaining, months to serve, years left, years remaining, years to serve, hours left,
hours remaining, hours more, weeks left, weeks remaining, time left, time remaining, remaining time, length of stay,
length of detention, length of custody, how long, to serve, credit for, jail credit, good time credit, stays until,
held until, duration, condena*, dias restantes, sentencia*
"""

HEARING: Final = """
hearing, hearings, court, courts, court date*, courtroom*, courthouse*, arraign*, docket*, trial*, court calendar,
plea, plead*, prelim*, pretrial, pre trial, pre conference, judge*, magistrate*, sentencing, status conference,
appearance*, appears in, appear in, appear before, appears before, appear at, next date, set for, scheduled for,
adjourn*, continued to, continuance, bench trial, omnibus, motion hearing, jury, public defender*, audiencia*, corte,
juzgado, tribunal, juez
"""

HOME: Final = """
home address, home addresses, resides*, residing, residenc*, reside, resided, domicile*, lives, living at, living in,
living with, live at, live in, live on, live with, house number, at home, his home, her home, home phone, apartment*,
apt, trailer park, zip code, zipcode, po box, p o box, mailing address, last known address, current address, address*,
neighborhood, neighbourhood, landlord, roommate*, shelter, hometown, domicilio, direccion, vive, vivienda, calle
"""

WORK: Final = """
works at, works for, works in, working at, working for, works, workplace*, worksite*, work site, work address, worked,
job, jobs, job site, jobsite, employ*, employer*, occupation*, boss, crew, foreman, payroll, paycheck, wage*, salary,
hired, trabaj*, empleo, patron, empresa, walmart, roofing, drywall, dishwasher*, busboy*, janitor*, landscap*, lawn,
plumber*, dairy, orchard, construction site, cannery
"""

PERSONAL: Final = """
date of birth, d o b, dob, dobs, birth date, birthdate*, birthday*, born on, year of birth, yob, age, aged, years old,
yo, y o, ssn, ssns, soc, social security, social, phone*, telephone*, cell phone, mobile, email*, e mail, height,
weight, ht, wt, tattoo*, photo, photos, photograph*, vehicle*, license plate, plate number, tag number, vin, license*,
licence*, driver*, drivers, oln, dl, fbi number, fbi, sid, race, sex, sexo, gender, male, female, hair, eye color, hgt,
wgt, scar*, medical, medication*, diagnos*, wife, husband, spouse, girlfriend, boyfriend, children, child, kids, kid,
son, daughter, mother, father, brother*, sister*, family, uncle, aunt, cousin*, emergency contact, next of kin,
religio*, nickname*, alias*, aka, a k a, moniker, gang*, bank account, account number, fecha de nacimiento, nacimiento,
telefono, seguro social, esposa, esposo, hijo*, hija*, familia, estatura, peso, vehiculo, placa*, edad, anos, pregnan*,
diabet*, suicid*, tia, tio, cunad*, abuelo, abuela, madre, padre, sedan, truck, camry, tacoma, toyota, chevy,
silverado, mosque, school*, kindergarten, elementary
"""

BIRTHPLACE: Final = """
born in, born at, born outside, born abroad, place of birth, places of birth, place born, country of birth,
countries of birth, birth country, birthplace*, birth place, city of birth, state of birth, pob, cob, foreign born,
foreignborn, us born, native of, natives of, originally from, comes from, came from, hails from, is from,
lugar de nacimiento, pais de nacimiento, nacido en, nacida en, originario, oriundo, natural de
"""

STATUS: Final = """
passport, passports, consular card, consular id, consular id card, consular identification card, matricula consular,
i 551 stamp, holds a, holds an, holds valid, holds no, holds lawful, holds permanent, holds lpr, holds tps, holds daca,
holds us, holds legal, holds dual, united states citizen, united states citizens, united states citizenship,
us citizen, us citizens, us citizenship, us national, american citizen, american citizenship, citizen, citizens,
citizenship, citizenships, uscitizen, non citizen*, noncitizen*, national, nationals, nationality, nationalities,
non national, dual national, dual citizen*, alien, aliens, alien number, alien registration number, a number, a file,
alien file, immigration status, immigration and citizenship status, citizenship status,
citizenship and immigration status, citizenship or immigration status, citizenship immigration status,
immigration citizenship status, immigrant, immigrants, nonimmigrant*, non immigrant*, immigration, lawful, lawfully,
unlawful, unlawfully, lawfully present, unlawfully present, unlawful presence, lawful presence, legal status,
legal presence, legally present, illegally present, legal immigrant, permanent resident, permanent residents,
permanent residency, permanent residence, resident alien, resident aliens, conditional resident,
conditional permanent resident, temporary resident, legal permanent resident, lawful permanent resident,
lawful permanent residence, lpr, usc, lprs, cpr, ltr, green card, green card holder, permanent resident card,
resident card, naturalize, naturalise, in the country legally, in the country illegally, in the united states legally,
in the united states illegally, in the us legally, in the us illegally, in the usa legally, in the usa illegally,
in the u s legally, in the u s illegally,
naturalized, naturalised, naturalization, naturalisation, certificate of naturalization,
naturalization certificate, certificate of citizenship, derivative citizen, derivative citizenship,
derived citizenship, derived, acquired citizenship, us person, refugee, refugees, refugee status, asylee, asylees,
asylum, asylum seeker, asylum applicant, asylum pending, parolee, humanitarian parole, humanitarian parolee,
humanitarian parole into the us, humanitarian parole into the united states, humanitarian parole granted,
through naturalization, by naturalization,
paroled into the us, paroled into the united states, paroled under, advance parole, parole in place, parole status,
temporary protected status, tps, daca, ded, deferred action, deferred enforced departure, cuban haitian entrant,
entrant, cofa, sij, special immigrant juvenile, special immigrant, vawa self petitioner, vawa, visa, visas,
visa holder, visa overstay, visa waiver, visa expired, visa class, visa type, visa status, class of admission, coa,
overstay, overstayed, overstays, status expired, out of status, in status, undocumented, no lawful status,
without lawful status, no legal status, without legal status, without status, no status, ewi,
entered without inspection, entry without inspection, without inspection, inadmissible, removable, deportable,
deportability, final order of removal, order of removal, removal order, removal proceedings, in removal proceedings,
voluntary departure, withholding of removal, withholding only, stateless, work permit, work authorization,
employment authorization, employment authorization document, employment authorized, authorized to work,
authorised to work, work authorized, ead, i 551, i 94, i 766, i 797, i 485, i 130, i 589, i 765, n 550, n 560, n 565,
n 400, adjustment of status, adjusted status, adjustment pending, status adjusted, status pending, change of status,
immigrant visa, immigrant status, nonimmigrant visa, student visa, tourist visa, work visa, visitor visa, uscis number,
admission number, passport holder, immigration record, immigration records, birthright citizen, citizen by birth,
citizen at birth, by birth, green cards, nationality and immigration, status, country of citizenship,
country of nationality, countries of citizenship, country of origin, national origin, ciudadan*, ciudadania,
nacionalidad, estatus migratorio, estado migratorio, residente permanente, residente permanente legal, sin documentos,
indocumentado, indocumentada, asilo, refugiado, refugiada, visado, naturalizado, naturalizada, apatrida
"""

NEUTRAL: Final = """
share with you, shared with you, yours truly, very truly yours, truly yours, sincerely yours, yours sincerely,
yours faithfully, respectfully yours, yours respectfully, cordially yours, secure email, secure e mail, secure mail,
secure message, sent secure, send secure, do not collect, does not collect, not collected, do not know, does not know,
do not ask, does not ask, do not track, does not track, do not maintain, does not maintain, not maintained,
not tracked, not asked, this office, our office, this department, our department, this agency, our agency,
share the following, provide the following, following information, we share, as asked, as requested, please provide,
please provide us with, can you provide, could you provide, provide information, provide any information,
provided below, is provided, are provided, information provided, provided pursuant to, are providing information,
send information, send any information, exchange of information, exchange information, share information,
information sharing, in our records system, we have no, i have no, we have nothing, have no, has no,
no information available, information not available, not available, unavailable, in our records, in our files,
on our records, in our system, in our database, on file, per our records, no record, no records,
united states of america, united states, at this time, as of, valid until, valid through, valid thru, valid to,
until further notice, department of homeland security, homeland security, immigration and customs enforcement,
customs and border protection, citizenship and immigration services, us citizenship and immigration services,
law enforcement support center, enforcement and removal operations, immigration and nationality act,
code of federal regulations, united states code, us code, ports of entry, port of entry, date of entry,
date of admission, entry date, admission date, in response, information request, request for information,
public record*, federal law, thank you, to whom it may concern, please find attached, see attached,
attached please find, do not hesitate to contact, hesitate to contact, feel free to contact, further questions,
any questions, we state, hold no records, hold no record, holds no records, holds no record,
no further information, nothing further, best regards, kind regards, warm regards
"""
"""Phrases that give nothing away although a word of them might."""

TIMES: Final = """
today, tonight, tonite, tonght, tomorrow, tommorow, tomorow, tmrw, tmrrw, tmw, tmr, tom, 2moro, 2morrow, 2nite,
morning, afternoon, evening, night, midnight, noon, noonish, midday, dawn, dusk, sunrise, sunset, eod, eow, cob, asap,
shortly, soon, later, momentarily, any minute, right now, right away, immediately, within the hour, this week,
next week, this weekend, weekend, first thing, end of day, end of shift, shift change, before lunch, after lunch,
lunch, breakfast, dinner, monday*, tuesday*, wednesday*, thursday*, friday*, saturday*, sunday*, mon, tue, tues, wed,
weds, thu, thur, thurs, fri, sat, sun, hrs, hours, hour, hr, minutes, mins, minute, min, oclock, o'clock, a m, p m, am,
pm, half past, quarter past, quarter to, hoy, manana, esta noche, esta tarde, mediodia, medianoche, lunes, martes,
miercoles, jueves, viernes, sabado, domingo, proxima semana, a las, christmas, thanksgiving, ramadan, brunch, supper*,
teatime, sunup, sundown, daybreak, nightfall, twilight, midweek, fortnight, yesterday, overnight, daily, hourly,
weekly, labor day, memorial day, independence day, new years, new years eve, new years day, christmas eve, boxing day,
flag day, election day, veterans day, columbus day, presidents day, mothers day, fathers day, valentines day,
patriots day, groundhog day, mlk day, easter, halloween, juneteenth, cinco de mayo, lundi, mardi, mercredi, jeudi,
vendredi, samedi, dimanche, montag*, dienstag*, mittwoch*, donnerstag*, freitag*, samstag*, sonnabend*, sonntag*,
segunda feira, terca feira, quarta feira, quinta feira, sexta feira, terca, quarta, quinta, sexta, lendi, madi,
mekredi, jedi, vandredi, samdi, dimanch, demain, ce soir, morgen fruh, heute, amanha, hoje, demen, jodi a, midi,
minuit, mittag, mitternacht, tomw, tomrw, tomoro, tomorro, nite, nites, wknd, wkend, amanecer, madrugada, domani,
ohone*, ohtwo*, ohthree*, ohfour*, ohfive*, ohsix*, ohseven*, oheight*, ohnine*, zeroone*, zerotwo*, zerothree*,
zerofour*, zerofive*, zerosix*, zeroseven*, zeroeight*, zeronine*, mnday, frid, sechs,
zwei, sieben, acht, neun, nueve, ocho, siete, diez, once, doce, seis, cinco, cuatro, tres,
dos, quinze, quince, catorce
"""
"""Words for a time. They give something away beside a word for custody or release, or in a text of few words."""

BY_CATEGORY: Final = (
    (Category.RELEASE_TIME, "release_words", RELEASE),
    (Category.CUSTODY_STATUS, "custody_words", CUSTODY),
    (Category.DETENTION_LENGTH, "length_words", LENGTH),
    (Category.HEARING, "hearing_words", HEARING),
    (Category.HOME_ADDRESS, "home_words", HOME),
    (Category.WORK_ADDRESS, "work_words", WORK),
    (Category.PERSONAL, "personal_words", PERSONAL),
    (Category.PLACE_OF_BIRTH, "birthplace_words", BIRTHPLACE),
    (Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, "status_words", STATUS),
)
